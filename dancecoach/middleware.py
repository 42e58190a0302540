"""What every answer under /api/ has in common, whoever gives it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from dancecoach.errors import error_body, error_of_status

__all__ = ["BodyLimit", "ErrorShape", "is_api"]

GetResponse = Callable[[HttpRequest], HttpResponseBase]

LENGTH_REQUIRED = 411
PAYLOAD_TOO_LARGE = 413
# As small as REST framework's, which speaks UTF-8 too.
COMPACT = {"separators": (",", ":"), "ensure_ascii": False}


def is_api(request: HttpRequest) -> bool:
    """Tell whether the request is for the API and not for the admin panel."""
    return request.path_info == "/api" or request.path_info.startswith("/api/")


class ErrorShape:
    """Gives the shape of an API error to the errors that no view of it answered.

    Those are an unknown path, a host that is not allowed and an exception
    nobody expected; with DEBUG on Django would show its pages, and with them
    the cause. Stands first, so that it sees what all others answer.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the answer on, or its status in the right shape."""
        response = self.get_response(request)
        if response.status_code < 400 or not is_api(request):
            return response
        if response.headers.get("Content-Type", "").startswith("application/json"):
            return response
        shaped = _error(response.status_code)
        for name, value in response.headers.items():
            shaped.headers.setdefault(name, value)
        return shaped


class BodyLimit:
    """Refuses a body that is longer than REQUEST_BODY_LIMIT, before it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, or answer 411 or 413."""
        if is_api(request):
            length = _content_length(request)
            if length is None:
                return _error(LENGTH_REQUIRED)
            if length > settings.REQUEST_BODY_LIMIT:
                return _error(PAYLOAD_TOO_LARGE)
        return self.get_response(request)


def _content_length(request: HttpRequest) -> int | None:
    """Return the length in bytes, or None for a body of unknown length.

    A server that decodes a chunked body gives it a length in
    `dancecoach.wsgi`; of any other, Django reads nothing.
    """
    text = request.META.get("CONTENT_LENGTH") or ""
    if text.isascii() and text.isdecimal():
        # Django, too, takes an unreadable length for an empty body. The length
        # of the text is limited, because int() of a longer one fails.
        return int(text) if len(text) < 20 else settings.REQUEST_BODY_LIMIT + 1
    return None if "HTTP_TRANSFER_ENCODING" in request.META else 0


def _error(status: int) -> JsonResponse:
    code, message = error_of_status(status)
    body = error_body(code=code, message=message)
    response = JsonResponse(body, status=status, json_dumps_params=COMPACT)
    response["Content-Length"] = str(len(response.content))
    return response
