"""The part of the OpenAPI schema on the secrets of tokens."""

from __future__ import annotations

from dancecoach.documentation import Success, failure, operation, refused
from users.documentation import MOMENT, failure_of
from users.errors import SecretExists
from users.secret_serializers import (
    RotateInput,
    SecretInput,
    SecretListOutput,
    SecretOutput,
)

__all__ = ["SECRETS_ADD", "SECRETS_LIST", "SECRETS_ROTATE"]

TAG = "JWT secrets"
SECRET = {
    "kid": "0123456789abcdef",
    "is_primary": True,
    "created_at": MOMENT,
    "expires_at": None,
    "age_seconds": 0,
    "is_expired": False,
    "fingerprint": "0123456789abcdef",
}
NEW_SECRET = "a-secret-of-thirty-two-bytes-or-more"  # noqa: S105 - an example

SECRETS_LIST = operation(
    name="jwt_secrets_list",
    tag=TAG,
    summary="List the secrets by their fingerprints (administrators)",
    successes=[
        Success(body=SecretListOutput, example={"count": 1, "secrets": [SECRET]})
    ],
    failures=[failure(401), failure(403)],
)
SECRETS_ADD = operation(
    name="jwt_secrets_add",
    tag=TAG,
    summary="Add a secret (administrators)",
    request=SecretInput,
    example={"secret": NEW_SECRET, "is_primary": True},
    successes=[Success(status=201, body=SecretOutput, example=SECRET)],
    failures=[
        refused("secret"),
        failure(401),
        failure(403),
        failure_of(SecretExists),
    ],
)
SECRETS_ROTATE = operation(
    name="jwt_secrets_rotate",
    tag=TAG,
    summary="Let a new secret sign; the old ones validate for a while (administrators)",
    request=RotateInput,
    example={"new_secret": NEW_SECRET},
    successes=[Success(body=SecretOutput, example=SECRET)],
    failures=[
        refused("new_secret"),
        failure(401),
        failure(403),
        failure_of(SecretExists),
    ],
)
