import time_machine
from django.test import TestCase

from dancecoach.answer_cache import answer_cached, answers_flush
from dancecoach.models import CacheEntry
from dancecoach.setting_tags import write_live


class AnswerCacheTests(TestCase):
    def ask(self, of="Ann", answer="Hello"):
        return answer_cached(topic="test", of=of, make=lambda: answer)

    def test_kept(self):
        """The first answer is kept for those who ask the same."""
        self.assertEqual(self.ask(answer="first"), ("first", False))
        self.assertEqual(self.ask(answer="second"), ("first", True))
        self.assertEqual(self.ask(of="Bob", answer="third"), ("third", False))

    def test_switched_off(self):
        """With the cache off nothing is kept, and nothing is found."""
        self.ask(answer="first")
        write_live("CACHE_ENABLED", False)
        self.assertEqual(self.ask(answer="second"), ("second", False))

    def test_flush(self):
        """Flushing counts what was of use, and removes the rest too."""
        with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
            self.ask(of="Ann")
            clock.shift(120)
            self.ask(of="Bob")
            self.ask(of="Cleo")
            self.assertEqual([answers_flush(), answers_flush()], [2, 0])
        self.assertIs(CacheEntry.objects.exists(), False)
