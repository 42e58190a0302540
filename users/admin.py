"""Users in the admin panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from users import services
from users.forms import UserChangeForm, UserCreationForm
from users.magic_link_admin import MagicLinkAdmin
from users.models import User
from users.passwords import users_allow_password_reset
from users.secret_admin import JwtSecretAdmin

if TYPE_CHECKING:
    BaseAdmin = UserAdmin[User]
else:
    # Django's class is generic to the type checker alone.
    BaseAdmin = UserAdmin

__all__ = ["AccountAdmin", "JwtSecretAdmin", "MagicLinkAdmin"]

# Of a form: what makes one user mightier than another.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class AccountAdmin(BaseAdmin):
    """Users with search, filters and actions; deleted ones stay visible.

    Deleting here is the soft delete of the API. Staff without superuser rights
    can neither hand out rights nor change a superuser.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    list_display = (
        "username",
        "email",
        "is_active",
        "is_staff",
        "allow_password_reset",
        "last_login",
        "deleted_at",
    )
    list_filter = (
        "is_active",
        "is_staff",
        "is_superuser",
        "allow_password_reset",
        ("deleted_at", admin.EmptyFieldListFilter),
        "created_at",
        "groups",
    )
    search_fields = ("username", "email", "description", "current_goal")
    search_help_text = "Name, e-mail address, about me or dance goal."
    date_hierarchy = "created_at"
    list_per_page = 50
    ordering = ("username",)
    readonly_fields = (
        "allow_password_reset",
        "password_reset_until",
        "last_login",
        "created_at",
        "updated_at",
        "deleted_at",
    )
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        ("Dancing", {"fields": ("description", "current_goal")}),
        ("Access", {"fields": ("is_active", *readonly_fields[:2], *RIGHTS)}),
        ("Dates", {"fields": readonly_fields[2:]}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("username", "usable_password", "password1", "password2")},
        ),
    )
    actions = ("allow_password_reset", "deactivate", "restore")

    @admin.action(
        permissions=["change"], description="Allow a password reset for selected users"
    )
    def allow_password_reset(
        self, request: HttpRequest, queryset: QuerySet[User]
    ) -> None:
        """Let the selected users set a new password without the old one."""
        users = self._changeable(request, queryset)
        count = users_allow_password_reset(users=users)
        self._tell(request, count, "may reset the password for an hour")

    @admin.action(permissions=["change"], description="Deactivate selected users")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Switch the selected accounts off, all but one's own."""
        users = self._changeable(request, queryset).exclude(pk=str(request.user.pk))
        self._tell(request, services.users_deactivate(users=users), "deactivated")

    @admin.action(permissions=["change"], description="Restore selected users")
    def restore(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Open the selected accounts that were deactivated or deleted."""
        users = self._changeable(request, queryset)
        self._tell(request, services.users_restore(users=users), "restored")

    def delete_model(self, _request: HttpRequest, obj: User) -> None:
        """Delete softly: the name stays taken."""
        services.user_soft_delete(user=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete softly: the names stay taken."""
        for user in self._changeable(request, queryset):
            services.user_soft_delete(user=user)

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...]:
        """Return the dates, and the rights for those who have not all of them."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else fields + RIGHTS

    def has_change_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        """Tell whether the caller may change users, or this one."""
        return _is_above(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        """Tell whether the caller may delete users, or this one."""
        return _is_above(request, obj) and super().has_delete_permission(request, obj)

    def _changeable(
        self, request: HttpRequest, queryset: QuerySet[User]
    ) -> QuerySet[User]:
        if request.user.is_superuser:
            return queryset
        return queryset.filter(is_superuser=False)

    def _tell(self, request: HttpRequest, count: int, what: str) -> None:
        people = ngettext("%d user", "%d users", count) % count
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, f"{people} {what}.", level)


def _is_above(request: HttpRequest, obj: User | None) -> bool:
    return obj is None or request.user.is_superuser or not obj.is_superuser
