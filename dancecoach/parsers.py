"""How bodies are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.http import UnreadablePostError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from dancecoach.errors import PayloadTooLarge

__all__ = ["StrictJSONParser"]


class StrictJSONParser(BaseParser):
    """JSON in UTF-8 and nothing else, of REQUEST_BODY_LIMIT bytes at most."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        _media_type: str | None = None,
        _parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body says.

        Raises:
            PayloadTooLarge: more bytes arrive than the limit, whatever length
                the request claims.
            ParseError: they are no JSON, not in UTF-8, nested too deep, or the
                client went away.

        """
        try:
            raw = stream.read(settings.REQUEST_BODY_LIMIT + 1)
        except UnreadablePostError as error:
            raise ParseError("The body ended too early. Send it again.") from error
        if len(raw) > settings.REQUEST_BODY_LIMIT:
            raise PayloadTooLarge
        try:
            return json.loads(raw.decode("utf-8"), parse_constant=_refuse)
        except UnicodeDecodeError as error:
            raise ParseError("The body is not UTF-8. Encode it so.") from error
        except RecursionError as error:
            raise ParseError("The body is nested too deep. Flatten it.") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}.") from error


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")
