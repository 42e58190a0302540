from datetime import timedelta
from io import StringIO

import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.test import TestCase

from dancecoach.rate_limit import bucket_take
from users.lockout import FAILED_SIGN_INS
from users.magic_links import magic_link_request
from users.models import User
from users.passwords import users_allow_password_reset


class PurgeStaleTests(TestCase):
    def purge(self, **options):
        output = StringIO()
        call_command("purge_stale", stdout=output, **options)
        return output.getvalue()

    def test_what_is_of_no_use(self):
        """Everything that ended is removed, once; what has not ended stays."""
        with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
            user = User.objects.create_user("Dancer")
            users_allow_password_reset(users=User.objects.all())
            cache.set("a", 1, timeout=60)
            bucket_take(address="10.0.0.1", per_minute=60, burst=10)
            FAILED_SIGN_INS.note("Dancer", "10.0.0.1")
            magic_link_request(
                email="a@example.org", address="10.0.0.1", consume_url="http://x"
            )
            before = self.purge()
            self.assertNotRegex(before, r": [1-9]")
            clock.shift(timedelta(hours=2))
            self.assertEqual(
                self.purge(),
                "Magic links removed: 1.\nPassword resets removed: 1.\n"
                "Cached answers removed: 1.\nRate buckets removed: 1.\n"
                "Attempts removed: 3.\n",
            )
            self.assertNotRegex(self.purge(), r": [1-9]")
        user.refresh_from_db()
        self.assertIs(user.allow_password_reset, False)
        self.assertEqual(self.purge(verbosity=0), "")
