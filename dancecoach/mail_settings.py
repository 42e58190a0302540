"""Django's mail settings, in the form that the installed version wants.

From 6.1 on they are one dictionary, MAILERS, and the separate ones are deprecated.
https://docs.djangoproject.com/en/6.1/ref/settings/#mailers
"""

from collections.abc import Mapping
from typing import Any

import django

__all__ = ["mail_settings"]

SMTP_OPTIONS = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_TLS": "use_tls",
    "EMAIL_USE_SSL": "use_ssl",
}


def mail_settings(
    given: Mapping[str, Any],
    *,
    timeout: int,
    version: tuple[Any, ...] = django.VERSION,
) -> dict[str, Any]:
    """Return the settings that say how mail is sent.

    ``given`` are the separate ones, ``EMAIL_BACKEND`` among them, as
    django-environ reads them from a URL; ``timeout`` is in seconds.
    """
    if version < (6, 1):
        return {**given, "EMAIL_TIMEOUT": timeout}
    options = {}
    if "smtp" in given["EMAIL_BACKEND"]:
        options = {
            name: given[setting]
            for setting, name in SMTP_OPTIONS.items()
            if given.get(setting) is not None
        }
        options["timeout"] = timeout
    elif given.get("EMAIL_FILE_PATH"):
        options["file_path"] = given["EMAIL_FILE_PATH"]
    return {
        "MAILERS": {"default": {"BACKEND": given["EMAIL_BACKEND"], "OPTIONS": options}}
    }
