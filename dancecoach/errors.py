"""The one shape of every error: ``{"error": code, "message": text}``.

A validation error adds ``"details": {field: [text, …]}``. Codes are part of
the API, texts are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions, status

if TYPE_CHECKING:
    from rest_framework.response import Response

__all__ = [
    "BODY",
    "CHALLENGE",
    "ApiError",
    "CacheDisabled",
    "PayloadTooLarge",
    "RateLimited",
    "error_body",
    "error_of_status",
    "error_response",
]

# Where an error belongs to the whole body and to no field.
BODY = "body"
# What a 401 asks for, in its WWW-Authenticate header.
CHALLENGE = 'Bearer realm="dancecoach"'

# The code and text for a status, where the cause gave none.
ERRORS = {
    400: ("bad_request", "The request is not understood. Mend it and try again."),
    401: ("unauthorized", "Sign in and send the token: Authorization: Bearer <token>."),
    403: ("forbidden", "This account may not do that. Ask an administrator."),
    404: ("not_found", "Nothing is at this path. Check its spelling."),
    405: ("method_not_allowed", "Use a method that the Allow header names."),
    411: ("length_required", "Send the body with a Content-Length header."),
    413: ("payload_too_large", "The body is too large. Send a shorter one."),
    415: ("unsupported_media_type", "Send JSON, with Content-Type: application/json."),
    429: ("rate_limited", "Too many requests. Wait as long as Retry-After says."),
    500: ("internal_error", "The service failed to answer. Try again later."),
    503: ("unavailable", "The service cannot answer now. Try again later."),
}


class ApiError(exceptions.APIException):
    """An error with a status and a code of its own; subclasses name all three."""

    status_code: int = status.HTTP_400_BAD_REQUEST
    default_code = "bad_request"
    default_detail = ERRORS[400][1]


class PayloadTooLarge(ApiError):
    """The body is longer than REQUEST_BODY_LIMIT."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code, default_detail = ERRORS[413]


class RateLimited(ApiError):
    """Too many requests; ``wait`` is for how many seconds to make none."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code, default_detail = ERRORS[429]

    def __init__(self, *, wait: float) -> None:
        super().__init__()
        self.wait = wait


class CacheDisabled(ApiError):
    """The live setting CACHE_ENABLED is off."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "cache_disabled"
    default_detail = "The cache is switched off. Switch CACHE_ENABLED on."


def error_body(
    *, code: str, message: str, details: dict[str, list[str]] | None = None
) -> dict[str, Any]:
    """Return the body of an error answer; ``details`` maps fields to their texts."""
    body: dict[str, Any] = {"error": code, "message": message}
    if details is not None:
        body["details"] = details
    return body


def error_of_status(status_code: int) -> tuple[str, str]:
    """Return the code and the message that stand for a bare status."""
    family = 500 if status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR else 400
    return ERRORS.get(status_code, ERRORS[family])


def error_response(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Answer an exception of a view; REST framework's EXCEPTION_HANDLER.

    Returns None for an unexpected exception, which is then logged by Django
    and answered by `dancecoach.middleware.ErrorShape`.
    """
    # These import the settings' authentication, which imports this module.
    from rest_framework.response import Response
    from rest_framework.views import set_rollback

    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(_details_of_django(error))
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    return Response(
        _body_of(error), status=error.status_code, headers=_headers_of(error)
    )


def _body_of(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return error_body(
            code="validation_failed",
            message="The request breaks the rules of a field. See details, mend it.",
            details=_details(error.detail),
        )
    if isinstance(error, ApiError | exceptions.ParseError):
        return error_body(code=error.default_code, message=str(error.detail))
    code, message = error_of_status(error.status_code)
    # REST framework's own texts do not say what to do.
    if error.detail != error.default_detail:
        message = str(error.detail)
    return error_body(code=code, message=message)


def _headers_of(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if error.status_code == status.HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return headers


def _details_of_django(error: ValidationError) -> dict[str, list[str]]:
    if not hasattr(error, "error_dict"):
        return {BODY: error.messages}
    return {
        BODY if field == "__all__" else field: texts
        for field, texts in error.message_dict.items()
    }


def _details(detail: Any, field: str = "") -> dict[str, list[str]]:
    """Flatten REST framework's nested errors to ``{"outer.inner": [text, …]}``."""
    children: Iterable[tuple[str, Any]]
    if isinstance(detail, dict):
        children = detail.items()
    elif isinstance(detail, list) and any(
        isinstance(child, dict | list) for child in detail
    ):
        children = ((str(place), child) for place, child in enumerate(detail))
    else:
        texts = detail if isinstance(detail, list) else [detail]
        return {field or BODY: [str(text) for text in texts]}
    found: dict[str, list[str]] = {}
    for name, child in children:
        found |= _details(child, f"{field}.{name}" if field else str(name))
    return found
