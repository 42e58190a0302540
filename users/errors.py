"""What can go wrong with an account, as the API tells it."""

from rest_framework import status

from dancecoach.errors import ApiError

__all__ = [
    "InvalidCredentials",
    "InvalidToken",
    "ResetNotAllowed",
    "SecretExists",
    "UserExists",
    "UserNotFound",
]


class UserExists(ApiError):
    """The name is taken, by a living or a deleted user, in whatever case."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "user_exists"
    default_detail = "A user with that name already exists. Choose another."


class InvalidCredentials(ApiError):
    """Name and password do not let anybody in; it is not told why."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "invalid_credentials"
    default_detail = "Name and password do not match an account. Check both."


class InvalidToken(ApiError):
    """A token proves nothing: it is malformed, forged, expired or its user left."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "invalid_token"
    default_detail = "The token is not valid. Sign in for a new one."


class UserNotFound(ApiError):
    """There is no account of that name, or its user left; for administrators."""

    status_code = status.HTTP_404_NOT_FOUND
    default_code = "user_not_found"
    default_detail = "No account has that name. Check its spelling."


class ResetNotAllowed(ApiError):
    """The password may not be set without the old one; it is not told why."""

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "reset_not_allowed"
    default_detail = "This password may not be reset. Ask an administrator."


class SecretExists(ApiError):
    """The very secret is there already, and tokens may be signed with it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "secret_exists"
    default_detail = "That secret is known already. Choose another."
