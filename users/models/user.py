"""The user: an account that signs in by name and may be deleted softly."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower

from users.managers import UserManager

__all__ = ["User"]


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who takes dance lessons, or who runs the service.

    A deleted user keeps the row, and with it the name: ``deleted_at`` is set,
    signing in fails and every token is invalid.
    """

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    USERNAME_MIN_LENGTH = 3
    USERNAME_MAX_LENGTH = 50
    DESCRIPTION_MAX_LENGTH = 2000
    GOAL_MAX_LENGTH = 200

    # The constraint below says more; `unique` is what createsuperuser and
    # Django's check auth.E003 look at.
    username = models.CharField(
        max_length=USERNAME_MAX_LENGTH,
        unique=True,
        validators=[
            MinLengthValidator(USERNAME_MIN_LENGTH),
            RegexValidator(r"\A[A-Za-z0-9]*\Z", "Use the letters a to z and digits."),
        ],
        help_text="3 to 50 letters and digits, unique without regard to case.",
        error_messages={"unique": "A user with that name already exists."},
    )
    email = models.EmailField(
        "e-mail address",
        blank=True,
        help_text="Where magic links are sent; unique without regard to case.",
    )
    description = models.TextField(
        "about me", max_length=DESCRIPTION_MAX_LENGTH, blank=True
    )
    current_goal = models.CharField(
        "dance goal", max_length=GOAL_MAX_LENGTH, blank=True
    )
    is_staff = models.BooleanField(
        "staff",
        default=False,
        help_text="May sign in to the admin panel and administer through the API.",
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Switch off instead of deleting an account."
    )
    allow_password_reset = models.BooleanField(
        default=False,
        editable=False,
        help_text="The user may set a new password without knowing the old one.",
    )
    password_reset_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When that ends; an hour after it was allowed.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UserManager()

    class Meta:
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="users_user_username_any_case",
                violation_error_message="A user with that name already exists.",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="users_user_email_any_case",
                violation_error_message="A user with that address already exists.",
            ),
            models.CheckConstraint(
                condition=models.Q(username__regex=r"^[A-Za-z0-9]{3,50}$"),
                name="users_user_username_letters_and_digits",
                violation_error_message="Use 3 to 50 letters and digits.",
            ),
        ]

    def clean(self) -> None:
        """Put name and address into the form in which they are compared."""
        super().clean()
        self.email = self.email.strip().lower()

    def may_reset_password(self, *, now: datetime) -> bool:
        """Tell whether the flag is set at a moment and the account is open."""
        until = self.password_reset_until
        is_flagged = self.allow_password_reset and until is not None and now < until
        return is_flagged and self.can_sign_in

    @property
    def can_sign_in(self) -> bool:
        """Whether the account is neither switched off nor deleted."""
        return self.is_active and self.deleted_at is None
