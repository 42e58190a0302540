"""Settings in force while tests run."""

from django.conf import settings
from django.test import SimpleTestCase

from testing.conf import EngineSettings
from testing.overrides import settings_overrides


class SettingsOverridesTests(SimpleTestCase):
    def test_overrides_are_put_in_force_and_taken_back(self):
        """TESTING["OVERRIDES"] holds between enable and disable, and no longer."""
        before = settings.USE_THOUSAND_SEPARATOR
        engine = EngineSettings(overrides={"USE_THOUSAND_SEPARATOR": not before})
        overrides = settings_overrides(engine)
        overrides.enable()
        try:
            self.assertIs(settings.USE_THOUSAND_SEPARATOR, not before)
        finally:
            overrides.disable()
        self.assertIs(settings.USE_THOUSAND_SEPARATOR, before)

    def test_overrides_of_this_run(self):
        """The project's own overrides are in force in this very process."""
        self.assertEqual(
            settings.PASSWORD_HASHERS, settings.TESTING["OVERRIDES"]["PASSWORD_HASHERS"]
        )
