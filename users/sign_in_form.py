"""The admin panel's sign-in, with the lock-out of the API."""

from __future__ import annotations

import math
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from dancecoach.client_address import client_address
from dancecoach.errors import RateLimited
from users.lockout import password_guarded

__all__ = ["SignInForm"]


class SignInForm(AdminAuthenticationForm):
    """Name and password of staff."""

    def clean(self) -> dict[str, Any]:
        """Return the fields of somebody who may come in; count the others."""
        name = self.cleaned_data.get("username")
        if not name or self.request is None:
            return super().clean()
        try:
            with password_guarded(username=name, address=client_address(self.request)):
                return super().clean()
        except RateLimited as error:
            minutes = math.ceil(error.wait / 60)
            raise ValidationError(
                f"Too many failed attempts. Try again in {minutes} min.", code="locked"
            ) from error
