"""One line in the log for each request, and the level that it is logged at."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dancecoach.live_settings import live, live_scope
from dancecoach.log_format import request_id, route_of
from dancecoach.middleware import GetResponse

__all__ = ["REQUEST_ID", "RequestLog", "restore_level"]

logger = logging.getLogger(__name__)

REQUEST_ID = "X-Request-ID"
# What a proxy may give a request as its id, to find it in its own log too.
FIT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Answered without a look at the database, so that they tell what they are to tell.
INDEPENDENT = re.compile(r"/(static/|api/(health|healthz|ready|version)$)")


class RequestLog:
    """Names each request, logs how it was answered, and applies LOG_LEVEL.

    The line holds no path but its pattern, no query, no body, no header and no
    address: those may be somebody's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, and the answer back with the request's id."""
        given = request.headers.get(REQUEST_ID, "")
        name = given if FIT_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(name)
        try:
            with live_scope():
                return self._answer(request, name)
        finally:
            request_id.reset(token)

    def _answer(self, request: HttpRequest, name: str) -> HttpResponseBase:
        started = time.perf_counter()
        if not INDEPENDENT.match(request.path_info):
            _apply_level()
        response = self.get_response(request)
        response[REQUEST_ID] = name
        if settings.REQUEST_LOG:
            _log(request, response, seconds=time.perf_counter() - started)
        return response


def restore_level() -> None:
    """Set the log's level to what it is before the first request."""
    logging.getLogger().setLevel(settings.LOG_LEVEL)


def _apply_level() -> None:
    """Set this process's level to the live setting, or leave it without a database."""
    try:
        level = live().log_level
    except DatabaseError:
        logger.warning("LOG_LEVEL cannot be read; the level stays as it is.")
        return
    root = logging.getLogger()
    if logging.getLevelName(root.level) != level:
        root.setLevel(level)


def _log(request: HttpRequest, response: HttpResponseBase, *, seconds: float) -> None:
    status = response.status_code
    level = logging.ERROR if status >= 500 else logging.INFO
    facts: dict[str, Any] = {
        "user_id": _user_id(request),
        "method": request.method,
        "route": route_of(request),
        "status": status,
        "duration_ms": round(seconds * 1000, 2),
    }
    logger.log(level, "request", extra=facts)


def _user_id(request: HttpRequest) -> int | None:
    """Return who asked, if a view has come to know it."""
    if request.resolver_match is None:
        return None
    try:
        pk: int | None = request.user.pk
    except (AttributeError, DatabaseError):
        return None
    return pk
