from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPException
from unittest import mock

import time_machine
from django.core import mail
from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from users.errors import InvalidToken
from users.magic_links import magic_link_consume, magic_link_request, token_hash
from users.models import MagicLink, User
from users.tokens import token_decode

ANN = "ann@example.org"


def ask(email=ANN, address="10.0.0.1"):
    magic_link_request(email=email, address=address, consume_url="https://x/consume")


def sent_token():
    return mail.outbox[-1].body.partition("?token=")[2].split()[0]


class RequestTests(TestCase):
    def test_mail(self):
        """A link is sent to the address, of whose token the hash is kept."""
        ask(" ANN@Example.org ")
        (message,) = mail.outbox
        self.assertEqual(message.to, [ANN])
        self.assertIn("https://x/consume?token=", message.body)
        self.assertEqual(MagicLink.objects.get().token_hash, token_hash(sent_token()))
        self.assertNotIn(sent_token(), str(MagicLink.objects.values().get()))

    def test_no_address(self):
        """What is no address is passed over in silence."""
        for text in ("", "x", "a@b", "a@\ud800.org", "a\0@example.org", "x" * 999):
            with self.subTest(text=text[:5]):
                ask(text)
        self.assertEqual(mail.outbox, [])

    def test_closed_account(self):
        """The owner of a closed account is told so, and gets no link."""
        User.objects.create_user("Ann", email=ANN, is_active=False)
        ask()
        self.assertIn("closed", mail.outbox[0].body)
        self.assertIs(MagicLink.objects.exists(), False)

    def test_limits(self):
        """One mailbox gets 5 an hour, one client sends 30."""
        for _ in range(6):
            ask()
        self.assertEqual(len(mail.outbox), 5)
        for number in range(30):
            ask(f"a{number}@example.org")
        self.assertEqual(len(mail.outbox), 29)
        ask("b@example.org", address="10.0.0.2")
        self.assertEqual(len(mail.outbox), 30)

    def test_mail_fails(self):
        """A mail server that is away is logged without the address."""
        for error in (SMTPException(f"{ANN} refused"), OSError("away")):
            with (
                self.subTest(error=error),
                mock.patch("users.magic_links.send_mail", side_effect=error),
                self.assertLogs("users.magic_links", "ERROR") as logs,
            ):
                ask()
            self.assertNotIn(ANN, "".join(logs.output))


class ConsumeTests(TestCase):
    def test_known_address(self):
        """The account of the address is signed in, once."""
        user = User.objects.create_user("Ann", email=ANN)
        ask()
        found, token = magic_link_consume(token=sent_token())
        self.assertEqual(found, user)
        self.assertEqual(token_decode(text=token.text).user_id, user.pk)
        self.assertEqual(MagicLink.objects.get().user, user)
        with self.assertRaises(InvalidToken):
            magic_link_consume(token=sent_token())

    def test_new_address(self):
        """A new address gets an account with a name by the rules and no password."""
        ask()
        user, _ = magic_link_consume(token=sent_token())
        user.full_clean()
        self.assertEqual(user.email, ANN)
        self.assertIs(user.has_usable_password(), False)

    def test_quarter_of_an_hour(self):
        """After 15 minutes the link is of no use."""
        with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
            ask()
            clock.shift(900)
            with self.assertRaises(InvalidToken):
                magic_link_consume(token=sent_token())

    def test_unknown(self):
        """A token that nobody got is invalid."""
        for token in ("", "x" * 43, "ü"):
            with self.subTest(token=token), self.assertRaises(InvalidToken):
                magic_link_consume(token=token)

    def test_account_closed_since(self):
        """A link to an account that was closed since signs nobody in."""
        user = User.objects.create_user("Ann", email=ANN)
        ask()
        User.objects.filter(pk=user.pk).update(deleted_at=timezone.now())
        with self.assertRaises(InvalidToken):
            magic_link_consume(token=sent_token())


class ConcurrencyTests(TransactionTestCase):
    def consume_at_once(self, tokens):
        def consume(token):
            try:
                return magic_link_consume(token=token)[0].pk
            except InvalidToken:
                return None
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as threads:
            return list(threads.map(consume, tokens))

    def test_one_link(self):
        """Of many uses at once one succeeds."""
        ask()
        found = self.consume_at_once([sent_token()] * 16)
        self.assertEqual(len([pk for pk in found if pk]), 1)

    def test_two_links_of_a_new_address(self):
        """Links of one new address used at once lead to one account."""
        tokens = []
        for _ in range(4):
            ask()
            tokens.append(sent_token())
        self.assertEqual(len(set(self.consume_at_once(tokens))), 1)
        self.assertEqual(User.objects.filter(email=ANN).count(), 1)
