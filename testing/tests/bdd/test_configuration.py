"""behave's options: offered beside Django's, and passed on as they were given."""

from behave.configuration import OPTIONS, Configuration
from django.core.management.base import CommandParser
from django.test import SimpleTestCase

from testing.bdd.configuration import (
    RENAMED,
    TAKEN,
    add_behave_options,
    behave_arguments,
)

# A value that suits each option which takes one.
VALUES = {"--logging-level": "INFO", "--define": "a=b", "--lang": "de"}


def parse(*arguments):
    """Parse a command line with behave's options alone."""
    parser = CommandParser()
    add_behave_options(parser)
    return vars(parser.parse_args(arguments))


class OptionsTests(SimpleTestCase):
    def test_nothing_given(self):
        """Options that are not given do not appear."""
        self.assertEqual(parse(), {})
        self.assertEqual(behave_arguments({}, paths=[]), [])

    def test_every_option_is_passed_on(self):
        """Each option reaches behave under its own name."""
        tried = 0
        for strings, keywords in OPTIONS:
            if not strings or "--jobs" in strings:
                continue
            for string in strings:
                with self.subTest(string=string):
                    flag = keywords.get("action", "store").startswith("store_")
                    value = VALUES.get(strings[-1], "x")
                    if choices := keywords.get("choices"):
                        value = next(iter(choices))
                    given = f"--behave-{string.lstrip('-')}"
                    given = given if string in TAKEN else string
                    options = parse(given, *([] if flag else [value]))
                    arguments = behave_arguments(options, paths=[])
                    names = [one.partition("=")[0] for one in arguments]
                    self.assertIn(strings[-1], names)
                    tried += 1
        self.assertGreater(tried, 50)
        self.assertIn("behave_version", RENAMED.values())

    def test_paths(self):
        """Paths come last, behind a separator, so that none is an option."""
        self.assertEqual(behave_arguments({}, paths=["-x"]), ["--", "-x"])

    def test_values(self):
        """Lists, pairs and switches of call_command become behave's options."""
        options = {
            "format": ["plain", "json"],
            "tags": "a and b",
            "userdata_defines": [("name", "value")],
            "stop": True,
            "color": None,
        }
        arguments = behave_arguments(options, paths=["features"])
        config = Configuration(arguments, load_config=False)
        self.assertEqual(config.format, ["plain", "json"])
        self.assertIs(config.stop, True)
        self.assertEqual(dict(config.userdata), {"name": "value"})
        self.assertEqual(config.paths, ["features"])
