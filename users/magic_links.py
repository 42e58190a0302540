"""Signing in by a link that is sent by mail and works once.

Of a link's token only the hash is kept, so that whoever reads the database
signs in as nobody. Who asks for a link learns nothing about the address: every
one gets a mail, and what is in it only its owner reads.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import timedelta
from smtplib import SMTPException

from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from dancecoach.attempts import AttemptLimit
from dancecoach.errors import RateLimited
from users.errors import InvalidToken
from users.models import MagicLink, User
from users.services import user_signed_in
from users.tokens import IssuedToken, token_issue

__all__ = [
    "LINK_VALID_FOR",
    "magic_link_consume",
    "magic_link_request",
    "magic_links_purge",
    "token_hash",
]

logger = logging.getLogger(__name__)

LINK_VALID_FOR = timedelta(minutes=15)
TOKEN_BYTES = 32
# Nobody's mailbox is filled by strangers, and no stranger fills many.
MAILS_TO_ONE = AttemptLimit(purpose="mail-to", most=5, window=timedelta(hours=1))
MAILS_BY_ONE = AttemptLimit(purpose="mail-by", most=30, window=timedelta(hours=1))

SUBJECT = "Sign in to Dance coach"
TEXT = """Hello,

this link signs you in to Dance coach. It works once, within 15 minutes:

{link}

If you did not ask for it, do nothing: nobody is signed in.
"""
CLOSED_TEXT = """Hello,

somebody asked for a link to sign in to Dance coach with this address. Its account
is closed, so there is none. If you want it back, ask an administrator.
"""


def magic_link_request(*, email: str, address: str, consume_url: str) -> None:
    """Send a link to an address, if it is one and was not sent too many.

    ``address`` is the client's, ``consume_url`` where links lead. Nothing is
    raised or returned that would tell the client about the account.
    """
    mailbox = email.strip().lower()
    try:
        validate_email(mailbox)
        MAILS_BY_ONE.note(address)
        MAILS_TO_ONE.note(mailbox)
    except (ValidationError, RateLimited, UnicodeEncodeError):
        return
    token = secrets.token_urlsafe(TOKEN_BYTES)
    user = User.objects.filter(email=mailbox).first()
    if user is None or user.can_sign_in:
        _keep(mailbox, token)
        text = TEXT.format(link=f"{consume_url}?token={token}")
    else:
        text = CLOSED_TEXT
    _send(mailbox, text)


@sensitive_variables("token")
def magic_link_consume(*, token: str) -> tuple[User, IssuedToken]:
    """Sign in whoever got the link; a new address gets a new account.

    Raises:
        InvalidToken: the token is unknown, used or too old, or the account is
            closed by now.

    """
    now = timezone.now()
    with transaction.atomic():
        links = MagicLink.objects.filter(token_hash=token_hash(token))
        # One statement decides, so that of two at once one finds it used.
        if not links.filter(used_at=None, expires_at__gt=now).update(used_at=now):
            raise InvalidToken
        link = links.get()
        user = _owner(link.email)
        if not user.can_sign_in:
            raise InvalidToken
        links.update(user=user)
        user_signed_in(user=user)
    return user, token_issue(user=user)


def magic_links_purge() -> int:
    """Remove links that are of no use any more, used or not; return how many."""
    return MagicLink.objects.filter(expires_at__lte=timezone.now()).delete()[0]


def token_hash(token: str) -> str:
    """Return the hash under which a link is kept; its token cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _keep(mailbox: str, token: str) -> None:
    now = timezone.now()
    MagicLink.objects.create(
        token_hash=token_hash(token),
        email=mailbox,
        created_at=now,
        expires_at=now + LINK_VALID_FOR,
    )


def _send(mailbox: str, text: str) -> None:
    try:
        send_mail(SUBJECT, text, from_email=None, recipient_list=[mailbox])
    except (SMTPException, OSError) as error:
        # The text of the error may name the address.
        logger.error("A magic link could not be sent: %s.", type(error).__name__)


def _owner(mailbox: str) -> User:
    """Return the user of an address, signed up now if there was none."""
    user = User.objects.filter(email=mailbox).first()
    if user is not None:
        return user
    name = f"dancer{secrets.token_hex(6)}"
    try:
        with transaction.atomic():
            return User.objects.create_user(name, email=mailbox)
    except IntegrityError:
        # Another link of this address was faster.
        return User.objects.get(email=mailbox)
