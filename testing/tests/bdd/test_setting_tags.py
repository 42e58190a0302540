"""Settings of a scenario by tag."""

from datetime import timedelta

from django.conf import settings
from django.test import SimpleTestCase, override_settings

from testing.bdd.setting_tags import override, settings_from_tags
from testing.errors import UsageError


class TagsTests(SimpleTestCase):
    def test_values(self):
        """A value is JSON where it is JSON, and text elsewhere."""
        tags = [
            "setting.A=true",
            "setting.B=5",
            'setting.C="5"',
            "setting.D=a=b",
            "setting.E=",
            "setting.F=[1,2]",
            "wip",
            "settings.G=1",
        ]
        expected = {"A": True, "B": 5, "C": "5", "D": "a=b", "E": "", "F": [1, 2]}
        self.assertEqual(settings_from_tags(tags), expected)

    def test_tag_without_a_value(self):
        """A tag without a value would have no effect: it is refused."""
        with self.assertRaisesMessage(UsageError, "The tag @setting.DEBUG has no"):
            settings_from_tags(["setting.DEBUG"])


class OverrideTests(SimpleTestCase):
    @override_settings(SOME=1, DURATION=timedelta(hours=1))
    def test_values_are_in_force(self):
        """Values hold inside, and numbers are seconds where a duration is meant."""
        with override(SOME=2, DURATION=5):
            self.assertEqual((settings.SOME, settings.DURATION), (2, timedelta(0, 5)))
        self.assertEqual((settings.SOME, settings.DURATION), (1, timedelta(hours=1)))

    def test_setting_that_does_not_exist(self):
        """A setting that the project does not have is refused by its name."""
        with self.assertRaisesMessage(UsageError, "A tag sets NO_SUCH"):
            override(NO_SUCH=1)
