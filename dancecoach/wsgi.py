"""Entry point for WSGI servers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dancecoach.settings")

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def with_chunked_bodies(wrapped: Application) -> Application:
    """Give chunked bodies a length, without which Django reads nothing of them.

    Only where the server decodes them and ends its input with the body
    (``wsgi.input_terminated``). At most one byte more than REQUEST_BODY_LIMIT
    is read, which is enough for the service to see that it is too much.
    """

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        if is_chunked and environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read(settings.REQUEST_BODY_LIMIT + 1)
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = BytesIO(body)
        return wrapped(environ, start_response)

    return application


application = with_chunked_bodies(get_wsgi_application())
