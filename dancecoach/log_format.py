"""What the log looks like: one JSON object on each line, with no secrets in it.

https://docs.djangoproject.com/en/5.2/ref/settings/#logging
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any

__all__ = ["RequestContext", "logging_config", "request_id", "route_of"]

# Of the request that is being answered here; empty outside of requests.
request_id: ContextVar[str] = ContextVar("request_id", default="")

# Django's own lines about a request name its path, which may hold a name.
UNROUTED = "(no route)"


class RequestContext(logging.Filter):
    """Adds the request's id, and takes the path out of Django's lines about it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, changed."""
        record.request_id = request_id.get()
        request = record.__dict__.pop("request", None)
        if request is not None and record.name == "django.request":
            status = getattr(record, "status_code", "")
            record.msg = f"{request.method} {route_of(request)} answered {status}"
            record.args = ()
        return True


def route_of(request: Any) -> str:
    """Return the pattern that a request's path matched: what it asks, not of whom."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else UNROUTED


def logging_config(*, level: str) -> dict[str, Any]:
    """Return LOGGING: JSON lines on standard error from ``level`` upwards."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": "dancecoach.log_format.RequestContext"}},
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": ["timestamp", "levelname", "name", "message"],
                "rename_fields": {"levelname": "level", "name": "logger"},
                "timestamp": True,
                "json_ensure_ascii": False,
            }
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "filters": ["request"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's default has handlers of its own here, for mail and for DEBUG.
            "django": {"handlers": [], "level": "NOTSET"},
            # A client's mistake is no event of the service; its failures are.
            "django.request": {"level": "ERROR"},
            # runserver's lines show queries, and with them tokens.
            "django.server": {"handlers": [], "level": "CRITICAL"},
            # Tells at each migrating that it found nothing to do.
            "constance.migrations": {"level": "WARNING"},
            # Every statement with its values; not even on level DEBUG.
            "django.db.backends": {"level": "INFO"},
        },
    }
