"""Which console fits where it is run."""

import io
import subprocess
import sys
from unittest import mock

from django.test import SimpleTestCase

from testing.bdd.consoles import make_console
from testing.bdd.live_console import LiveConsole
from testing.bdd.plain_console import PlainConsole
from testing.tests.bdd.console_facts import scenario
from testing.tests.bdd.fake_terminal import FakeTerminal


class ChoiceTests(SimpleTestCase):
    def console(self, *, terminal=True, verbosity=1, color=None, **environment):
        environment = {"TERM": "xterm-256color", **environment}
        with mock.patch.dict("os.environ", environment, clear=True):
            return make_console(
                stream=FakeTerminal() if terminal else io.StringIO(),
                verbosity=verbosity,
                color=color,
            )

    def test_live(self):
        """Somebody at a terminal gets the live view, in colour."""
        console = self.console()
        self.assertIs(type(console), LiveConsole)
        self.assertIs(console.ink.color, True)

    def test_plain(self):
        """Everything else gets lines."""
        for options in (
            {"terminal": False},
            {"verbosity": 0},
            {"TERM": "dumb"},
            {"TERM": ""},
            {"CI": "true"},
            {"terminal": False, "FORCE_COLOR": "1"},
            {"terminal": False, "color": True},
        ):
            with self.subTest(options=options):
                self.assertIs(type(self.console(**options)), PlainConsole)

    def test_color(self):
        """An option counts more than NO_COLOR, that more than FORCE_COLOR."""
        for expected, options in (
            (True, {}),
            (True, {"CI": "true"}),
            (False, {"terminal": False}),
            (False, {"TERM": "dumb"}),
            (False, {"color": False}),
            (False, {"NO_COLOR": "1"}),
            (True, {"NO_COLOR": ""}),
            (False, {"NO_COLOR": "1", "FORCE_COLOR": "1"}),
            (True, {"terminal": False, "FORCE_COLOR": "1"}),
            (True, {"terminal": False, "NO_COLOR": "1", "color": True}),
            (False, {"color": False, "FORCE_COLOR": "1"}),
        ):
            with self.subTest(options=options):
                self.assertIs(self.console(**options).ink.color, expected)

    def test_same_text(self):
        """Colours change nothing but colours."""
        said = []
        for color in (False, True):
            console = self.console(terminal=False, verbosity=3, color=color)
            console.scenario_ended(scenario())
            said.append(console.stream.getvalue())
        plain, colored = said
        self.assertIn("\x1b[32mPASS\x1b[0m", colored)
        for code in ("\x1b[32m", "\x1b[1m", "\x1b[0m"):
            colored = colored.replace(code, "")
        self.assertEqual(colored, plain)

    def test_import(self):
        """What draws the live view is not imported without one."""
        program = (
            "import io, sys\n"
            "from testing.bdd.consoles import make_console\n"
            "make_console(stream=io.StringIO(), verbosity=1, color=None)\n"
            "print([name for name in sys.modules if name.split('.')[0] == 'rich'])\n"
        )
        ended = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        self.assertEqual(ended.stdout, "[]\n")
