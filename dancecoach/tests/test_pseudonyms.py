from django.test import SimpleTestCase, override_settings

from dancecoach.pseudonyms import pseudonym


class PseudonymTests(SimpleTestCase):
    def test_same_for_the_same(self):
        """One caller has one pseudonym for each purpose, which tells nothing."""
        name = pseudonym("Ann", "10.0.0.1", purpose="a")
        self.assertEqual(name, pseudonym("Ann", "10.0.0.1", purpose="a"))
        self.assertRegex(name, r"^[0-9a-f]{64}$")
        self.assertNotEqual(name, pseudonym("Ann", "10.0.0.1", purpose="b"))
        with override_settings(SECRET_KEY="another"):
            self.assertNotEqual(name, pseudonym("Ann", "10.0.0.1", purpose="a"))

    def test_parts_are_kept_apart(self):
        """Other parts are another caller, though their letters are the same."""
        self.assertNotEqual(
            pseudonym("a", "bc", purpose="x"), pseudonym("ab", "c", purpose="x")
        )
