"""How strict the API is about what it takes in."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

__all__ = ["StrictSerializer", "Text"]


class Text(serializers.CharField):
    """Text and nothing else: REST framework would make text of a number."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, by name.

    A client that sends ``is_staff`` is told so, and does not go on believing
    that it was taken.
    """

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated fields."""
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                text = "This field cannot be set here. Leave it out."
                raise serializers.ValidationError({name: [text] for name in unknown})
        return super().to_internal_value(data)
