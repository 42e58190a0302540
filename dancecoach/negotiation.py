"""Which form an answer takes."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

__all__ = ["LenientNegotiation"]


class LenientNegotiation(DefaultContentNegotiation):
    """Answers in the view's first form when the client accepts none of them.

    RFC 9110 leaves the choice between this and a 406, and a client that sends
    a wrong Accept header is helped more by an answer.
    """

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer and its media type."""
        forms = list(renderers)
        try:
            chosen, media_type = super().select_renderer(request, forms, format_suffix)
        except NotAcceptable:
            chosen, media_type = forms[0], forms[0].media_type
        return chosen, media_type
