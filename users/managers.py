"""How users are created and looked up by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db.models.functions import Lower

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from users.models import User

__all__ = ["UserManager"]


class UserManager(BaseUserManager["User"]):
    """Users by name, without regard to case; new users with a hashed password."""

    def named(self, username: str | None) -> QuerySet[User]:
        """Return the user of this name, in any case, as a queryset of one or none."""
        return self.alias(folded=Lower("username")).filter(folded=_folded(username))

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user of this name, in any case.

        Raises:
            User.DoesNotExist: nobody has this name.

        """
        return self.named(username).get()

    def create_user(
        self, username: str, password: str | None = None, **fields: Any
    ) -> User:
        """Create an ordinary user; without a password, nobody can sign in as them.

        Raises:
            ValidationError: the name or another field breaks the rules.
            IntegrityError: the name is taken.

        """
        user = self.model(username=username, **fields)
        user.clean_fields(exclude={"password"})
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, password: str | None = None, **fields: Any
    ) -> User:
        """Create a user who may do everything; raises as `create_user` does."""
        rights = {"is_staff": True, "is_superuser": True}
        return self.create_user(username, password, **fields | rights)


def _folded(username: str | None) -> str:
    """Return the name as the unique index has it.

    Names are ASCII. Folding others would let the Kelvin sign find a K.
    """
    name = username or ""
    return name.lower() if name.isascii() else name
