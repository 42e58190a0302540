"""The live settings as `django-constance` is told about them, in the settings module.

Each is ``(default, help text, type)``; a type names the form field that refuses
bad values in the admin panel.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

__all__ = ["FIELDS", "FIELDSETS", "live_config"]

# Long enough to be of use, and no more than dates can stand.
SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=366)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

Field = tuple[str, dict[str, Any]]

DURATION_FORM = "days hours:minutes:seconds"
DURATION_HELP = f"Written as {DURATION_FORM}."
DURATION_ERROR = f"This is no duration. Write it as {DURATION_FORM}."

FIELDS: dict[str, Field] = {
    "switch": ("django.forms.BooleanField", {"required": False}),
    "duration": (
        "dancecoach.forms.BoundedDurationField",
        {
            "shortest": SHORTEST,
            "longest": LONGEST,
            "error_messages": {"invalid": DURATION_ERROR},
        },
    ),
    "factor": (
        "django.forms.FloatField",
        {"min_value": 1.0, "max_value": 100.0},
    ),
    "count": ("django.forms.IntegerField", {"min_value": 1, "max_value": 1_000_000}),
    "level": (
        "django.forms.ChoiceField",
        {"choices": [(level, level) for level in LEVELS]},
    ),
}

FIELDSETS = (
    ("API", ("API_V2_ENABLED",)),
    ("Tokens", ("JWT_TTL", "JWT_RETENTION_FACTOR", "JWT_RETENTION_MAX")),
    (
        "Rate limit of greetings",
        ("RATE_LIMIT_ENABLED", "RATE_LIMIT_PER_MINUTE", "RATE_LIMIT_BURST"),
    ),
    ("Cache", ("CACHE_ENABLED",)),
    ("Log", ("LOG_LEVEL",)),
)

HELP = {
    "API_V2_ENABLED": ("switch", "Whether POST /api/v2/greet exists."),
    "JWT_TTL": ("duration", f"For how long a new token is valid. {DURATION_HELP}"),
    "JWT_RETENTION_FACTOR": (
        "factor",
        "How many lifetimes of a token a secret goes on validating after it was "
        "rotated out.",
    ),
    "JWT_RETENTION_MAX": (
        "duration",
        f"For how long it does so at most. {DURATION_HELP}",
    ),
    "RATE_LIMIT_ENABLED": ("switch", "Whether GET /api/v1/greet is limited."),
    "RATE_LIMIT_PER_MINUTE": ("count", "Greetings a minute for each client address."),
    "RATE_LIMIT_BURST": ("count", "Greetings at once, after a rest."),
    "CACHE_ENABLED": ("switch", "Whether answers are cached for a minute."),
    "LOG_LEVEL": ("level", "What is logged: this and whatever is worse."),
}


def live_config(**defaults: Any) -> dict[str, tuple[Any, str, str]]:
    """Return CONSTANCE_CONFIG; ``defaults`` holds every live setting by its name.

    Raises:
        KeyError: one is missing.

    """
    return {name: (defaults[name], text, kind) for name, (kind, text) in HELP.items()}
