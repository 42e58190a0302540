from datetime import timedelta

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from dancecoach.forms import BoundedDurationField


class BoundedDurationTests(SimpleTestCase):
    def test_bounds(self):
        """Both ends are allowed, what is beyond them is refused with a limit."""
        field = BoundedDurationField(
            shortest=timedelta(seconds=1), longest=timedelta(days=2)
        )
        self.assertEqual(field.clean("1"), timedelta(seconds=1))
        self.assertEqual(field.clean("2 00:00:00"), timedelta(days=2))
        for text, message in (
            ("0", "Choose 0:00:01 or more."),
            ("2 00:00:01", "Choose 2 days or less."),
            ("soon", "Enter a valid duration."),
        ):
            with self.subTest(text=text):
                with self.assertRaises(ValidationError) as caught:
                    field.clean(text)
                self.assertEqual(caught.exception.messages, [message])
