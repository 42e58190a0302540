"""What is stored about accounts: users, the secrets of their tokens, magic links."""

from users.models.jwt_secret import JwtSecret
from users.models.magic_link import MagicLink
from users.models.user import User

__all__ = ["JwtSecret", "MagicLink", "User"]
