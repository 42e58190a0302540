from django.test import SimpleTestCase

from users.rotation import SECRET_MIN_BYTES
from users.secret_serializers import (
    EXPIRES_IN_MAX,
    SECRET_MAX_LENGTH,
    RotateInput,
    SecretInput,
)


class InputTests(SimpleTestCase):
    def refused(self, field, value, *, serializer=SecretInput):
        """Return the fields that are refused of a body with one field."""
        body = serializer(data={field: value})
        body.is_valid()
        return list(body.errors)

    def test_secret(self):
        """It has 32 bytes or more, counted in UTF-8, and stays as it is written."""
        short = SECRET_MIN_BYTES - 1
        for serializer, field in ((SecretInput, "secret"), (RotateInput, "new_secret")):
            for value in ("x" * short, "x" * (SECRET_MAX_LENGTH + 1), "", None, 32):
                with self.subTest(field=field, value=value):
                    found = self.refused(field, value, serializer=serializer)
                    self.assertEqual(found, [field])
            for value in ("x" * SECRET_MIN_BYTES, "ü" * 16, " " * SECRET_MIN_BYTES):
                with self.subTest(field=field, value=value):
                    body = serializer(data={field: value})
                    self.assertIs(body.is_valid(), True, body.errors)
                    self.assertEqual(body.validated_data, {field: value})

    def test_truth(self):
        """Only true and false are a truth, whatever else a form would take."""
        for value in (1, 0, "true", "on", "", None, []):
            with self.subTest(value=value):
                self.assertEqual(self.refused("is_primary", value), ["is_primary"])
        for value in (True, False):
            self.assertEqual(self.refused("is_primary", value), [])

    def test_whole_numbers(self):
        """Only a JSON number without a fraction is one, within its limits."""
        for value in ("60", 60.0, True, None, 0, -1, EXPIRES_IN_MAX + 1):
            with self.subTest(value=value):
                self.assertEqual(self.refused("expires_in", value), ["expires_in"])
        for value in (1, EXPIRES_IN_MAX):
            self.assertEqual(self.refused("expires_in", value), [])

    def test_nothing_is_needed(self):
        """Each field may be left out."""
        for serializer in (SecretInput, RotateInput):
            self.assertIs(serializer(data={}).is_valid(), True)
