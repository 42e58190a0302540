"""Links by mail that sign their reader in."""

import hashlib
import re
from urllib.parse import urlsplit

from behave import given, then, when
from django.core import mail
from django.utils import timezone

from features.client import expect_status, send, send_at_once
from users.models import MagicLink, User

CONSUME = "/api/v1/auth/magic-link/consume"
LINK = re.compile(r"^https?://\S+$", re.MULTILINE)


@given("{name:w} has an account with the address {email:S}")
def account_with_address(context, name, email):
    context.accounts[name] = User.objects.create_user(name, email=email)


@given("{name:w} has a deleted account with the address {email:S}")
def deleted_with_address(context, name, email):
    User.objects.create_user(name, email=email, deleted_at=timezone.now())


@given("a magic link was sent to {email:S}")
def link_sent(context, email):
    ask(context, email)
    expect_status(context, 200)
    take_link(context)


@when("I ask for a magic link for {email:S}")
def ask(context, email):
    body = {"email": email}
    send(context, "POST", "/api/v1/auth/magic-link/request", body=body)


@when("I ask for a magic link for an address that is {kind}")
def ask_kind(context, kind):
    texts = {"empty": "", "none": "not an address", "very long": f"{'x' * 400}@x.org"}
    body = {} if kind == "left out" else {"email": texts[kind]}
    send(context, "POST", "/api/v1/auth/magic-link/request", body=body)


@when("I ask {count:d} times for a magic link for {email:S}")
def ask_often(context, count, email):
    for _ in range(count):
        ask(context, email)
        expect_status(context, 200)


@when("I take the link from the mail")
def take_link(context):
    (link,) = LINK.findall(mail.outbox[-1].body)
    parts = urlsplit(link)
    assert parts.path == CONSUME, link
    context.link = f"{parts.path}?{parts.query}"


@when("I follow the link")
def follow(context):
    send(context, "GET", context.link)


@when("my mail program looks at the link by {method:w}")
def look(context, method):
    send(context, method, context.link)


@when("I follow the link {count:d} times at once")
def follow_at_once(context, count):
    send_at_once(context, count, "GET", context.link)


@when("I follow a link that nobody sent")
def follow_unknown(context):
    send(context, "GET", f"{CONSUME}?token={'x' * 43}")


@when("I follow a link without a token")
def follow_nothing(context):
    send(context, "GET", CONSUME)


@when("I follow a link with an empty token")
def follow_empty(context):
    send(context, "GET", f"{CONSUME}?token=")


@then("{count:d} mails were sent")
def mails(context, count):
    assert len(mail.outbox) == count, len(mail.outbox)


@then("a mail with a link goes to {email:S}")
def mail_with_link(context, email):
    (message,) = mail.outbox
    assert message.to == [email], message.to
    assert len(LINK.findall(message.body)) == 1, message.body


@then("a mail without a link goes to {email:S}")
def mail_without_link(context, email):
    (message,) = mail.outbox
    assert message.to == [email], message.to
    assert not LINK.findall(message.body), message.body


@then("{count:d} of the answers signs in")
def one_success(context, count):
    statuses = sorted(answer.status for answer in context.answers)
    assert statuses.count(200) == count, statuses
    assert set(statuses) == {200, 401}, statuses


@then("the token of the link is nowhere in the database")
def hash_only(context):
    token = context.link.partition("token=")[2]
    (link,) = MagicLink.objects.values()
    assert token not in str(link), link
    assert link["token_hash"] == hashlib.sha256(token.encode()).hexdigest()


@then("nobody has the address {email:S}")
def nobody(context, email):
    assert not User.objects.filter(email=email).exists(), email


@then("somebody new has the address {email:S}")
def somebody(context, email):
    user = User.objects.get(email=email)
    assert user.has_usable_password() is False, user
    assert not user.is_staff, user
    assert user.last_login is not None, user


@then("I am the one with the address {email:S}")
def own_address(context, email):
    expect_status(context, 200)
    assert context.answer.json["id"] == User.objects.get(email=email).pk


@then("there is {count:d} user with the address {email:S}")
def users_with_address(context, count, email):
    assert User.objects.filter(email=email).count() == count, email
