from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from users.errors import SecretExists
from users.models import JwtSecret
from users.rotation import (
    secret_add,
    secret_renew,
    secret_rotate,
    secrets_expire,
    secrets_purge,
)
from users.signing import primary_secret, secret_of_kid

SECRET = "squeamish ossifrage squeamish ossifrage"
NOON = "2026-05-01T12:00:00Z"


class AddTests(TestCase):
    def test_beside_the_primary(self):
        """An added secret validates; the primary, made first if need be, signs."""
        added = secret_add(secret=SECRET)
        self.assertIs(added.is_primary, False)
        self.assertNotEqual(primary_secret().kid, added.kid)
        self.assertEqual(secret_of_kid(added.kid).value, SECRET.encode())
        self.assertEqual(JwtSecret.objects.count(), 2)

    def test_as_the_primary(self):
        """A new primary signs, the former one is retired from now on."""
        former = primary_secret()
        added = secret_add(secret=SECRET, is_primary=True)
        self.assertEqual(primary_secret().kid, added.kid)
        self.assertIsNotNone(JwtSecret.objects.get(kid=former.kid).retired_at)

    def test_for_a_while(self):
        """A secret for a while validates no longer."""
        with time_machine.travel(NOON, tick=False) as clock:
            added = secret_add(secret=SECRET, expires_in=timedelta(minutes=1))
            clock.shift(59)
            self.assertIsNotNone(secret_of_kid(added.kid))
            clock.shift(1)
            self.assertIsNone(secret_of_kid(added.kid))
            secret_add(secret=SECRET)
            self.assertIsNotNone(secret_of_kid(added.kid))

    def test_twice(self):
        """The same secret is not there twice, and the primary stays."""
        secret_rotate(secret=SECRET)
        for add in (secret_add, secret_rotate):
            with self.subTest(add=add.__name__), self.assertRaises(SecretExists):
                add(secret=SECRET)
        self.assertEqual(primary_secret().value, SECRET.encode())


class ConstraintTests(TestCase):
    def test_one_primary(self):
        """The database refuses a second primary, and a primary that is retired."""
        primary_secret()
        other = {"kid": "0" * 16, "encrypted": "x", "is_primary": True}
        for extra in ({}, {"retired_at": timezone.now()}):
            with (
                self.subTest(extra=extra),
                self.assertRaises(IntegrityError),
                transaction.atomic(),
            ):
                JwtSecret.objects.create(**other | extra)


class EndTests(TestCase):
    def test_purge(self):
        """What has ended is removed; the primary stays, however old."""
        with time_machine.travel(NOON, tick=False) as clock:
            secret_rotate()
            secret_rotate()
            primary = secret_rotate()
            self.assertEqual(secrets_purge(), 0)
            clock.shift(timedelta(days=400))
            self.assertEqual([secrets_purge(), secrets_purge()], [2, 0])
        self.assertEqual(JwtSecret.objects.get(), primary)

    def test_command(self):
        """The command says how many it removed, and nothing when it is to be silent."""
        with time_machine.travel(NOON, tick=False) as clock:
            secret_rotate()
            secret_rotate()
            clock.shift(timedelta(days=3))
            output = StringIO()
            for _ in range(2):
                call_command("purge_jwt_secrets", stdout=output)
            call_command("purge_jwt_secrets", stdout=output, verbosity=0)
        text = "JWT secrets removed: 1.\nJWT secrets removed: 0.\n"
        self.assertEqual(output.getvalue(), text)

    def test_expire(self):
        """Expired secrets validate no more; the primary cannot be expired."""
        former, primary = secret_rotate(), secret_rotate()
        everything = JwtSecret.objects.all()
        self.assertEqual(secrets_expire(chosen=everything), 1)
        self.assertEqual(secrets_expire(chosen=everything), 0)
        self.assertIsNone(secret_of_kid(former.kid))
        self.assertIsNotNone(secret_of_kid(primary.kid))

    def test_renew_once(self):
        """Who comes second finds the primary that the first one has made."""
        value = secret_renew(unfit=None)
        self.assertEqual(secret_renew(unfit=None), value)
        unfit = JwtSecret.objects.get()
        self.assertNotEqual(secret_renew(unfit=unfit), value)
        self.assertEqual(JwtSecret.objects.count(), 2)


class ConcurrencyTests(TransactionTestCase):
    def at_once(self, function, count=8):
        def call(_number):
            try:
                return function()
            finally:
                connection.close()

        with ThreadPoolExecutor(count) as threads:
            return list(threads.map(call, range(count)))

    def test_first_use(self):
        """The first tokens at once are signed by one secret."""
        self.assertEqual(len(set(self.at_once(primary_secret))), 1)
        self.assertEqual(JwtSecret.objects.count(), 1)

    def test_rotations(self):
        """Rotations at once follow each other; each made a secret, one signs."""
        kids = {secret.kid for secret in self.at_once(secret_rotate)}
        self.assertEqual(len(kids), 8)
        self.assertEqual(JwtSecret.objects.count(), 8)
        self.assertIn(JwtSecret.objects.get(is_primary=True).kid, kids)
