"""The mark: read back from a comment, and never seen in anybody else's."""

import json

from django.test import SimpleTestCase

from testing.marks import Mark, birth_number, lock_key


class MarkTests(SimpleTestCase):
    def test_round_trip(self):
        """A mark reads back from its comment, and no other comment is one."""
        mark = Mark("abc", "ready")
        self.assertEqual(Mark.parse(mark.dump()), mark)
        of_later = json.dumps({**json.loads(mark.dump()), "more": 1})
        others = (None, "", "[]", '{"by": "somebody"}', "standard schema", of_later)
        for comment in others:
            with self.subTest(comment=comment):
                self.assertIsNone(Mark.parse(comment))


class NumberTests(SimpleTestCase):
    def test_lock_key(self):
        """The key depends on the name alone, and fits PostgreSQL's bigint."""
        self.assertEqual(lock_key("test_w1"), -4095690455455904994)
        self.assertNotEqual(lock_key("test_w1"), lock_key("database test_w1"))

    def test_birth_number(self):
        """It depends on the home, fits an integer, and is past any real limit."""
        numbers = {birth_number(f"test_{number}") for number in range(200)}
        self.assertEqual(len(numbers), 200)
        self.assertGreaterEqual(min(numbers), 2**30)
        self.assertLess(max(numbers), 2**31)
        self.assertEqual(birth_number("test_shop"), birth_number("test_shop"))
