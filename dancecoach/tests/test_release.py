from unittest import mock

from django.test import SimpleTestCase, override_settings

from dancecoach import __version__
from dancecoach.release import release, uptime_seconds


class ReleaseTests(SimpleTestCase):
    @override_settings(BUILD_COMMIT="abc1234", BUILD_DATE="2026-05-01")
    def test_facts(self):
        """The facts come from the code and the build's environment."""
        facts = release().as_dict()
        self.assertEqual(facts["version"], __version__)
        self.assertEqual(facts["commit"], "abc1234")
        self.assertEqual(facts["build_date"], "2026-05-01")

    def test_lines(self):
        """As text, each fact has a line, named in words."""
        lines = release().as_lines().splitlines()
        self.assertEqual(
            [line.partition(": ")[0] for line in lines],
            ["version", "commit", "build date", "python version", "django version"],
        )

    def test_uptime_grows(self):
        """The uptime grows with the clock, and no change of date turns it back."""
        before = uptime_seconds()
        with mock.patch("time.monotonic", return_value=before + 10**9):
            self.assertGreater(uptime_seconds(), before)
        self.assertGreaterEqual(before, 0)
