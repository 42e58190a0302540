"""The admin panel's forms of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import forms

from users.models import User

if TYPE_CHECKING:
    CreationForm = forms.AdminUserCreationForm[User]
    ChangeForm = forms.UserChangeForm[User]
else:
    # Django's forms are generic to the type checker alone.
    CreationForm = forms.AdminUserCreationForm
    ChangeForm = forms.UserChangeForm

__all__ = ["UserChangeForm", "UserCreationForm"]

# The user's own, of which the name has to be typed and the rest may follow.
NEW_FIELDS = ("username",)


class UserCreationForm(CreationForm):
    """A name and a password, by the rules of a registration."""

    class Meta:
        model = User
        fields = NEW_FIELDS
        field_classes = {"username": forms.UsernameField}


class UserChangeForm(ChangeForm):
    """Everything but the password, of which only the kind of hash is shown."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes = {"username": forms.UsernameField}
