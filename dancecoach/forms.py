"""Form fields that Django does not have."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

__all__ = ["BoundedDurationField"]


class BoundedDurationField(forms.DurationField):
    """A duration between two others, both allowed."""

    def __init__(
        self, *, shortest: timedelta, longest: timedelta, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.validators += [
            MinValueValidator(shortest, f"Choose {shortest} or more."),
            MaxValueValidator(longest, f"Choose {longest.days} days or less."),
        ]
