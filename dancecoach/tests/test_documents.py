"""The documents can be followed: links, commands, exit codes and the guide's walk."""

import re
import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.test import SimpleTestCase

from testing import errors
from testing.tests.bdd.engine_case import EngineCase

ROOT = settings.BASE_DIR
README = ROOT / "README.md"
GUIDE = ROOT / "docs" / "testing-guide.md"
# Written by `make bench`: there is none before the first measurement.
MEASURED = ROOT / "docs" / "benchmarks.md"
LINK = re.compile(r"(?<!!)\]\(([^)\s]+)\)")
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
# A block that names the file which it is, indented as it stands in a list.
BLOCK = re.compile(
    r"^(?P<indent> *)```\w+ (?P<path>\S+)\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def documents():
    """Return all documents that are kept: at the top, and below docs/."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def anchors(text):
    """Return what the headings of a document are linked by."""
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in HEADING.findall(text)
    }


class LinksTests(SimpleTestCase):
    def test_links(self):
        """Whatever a document links to in the repository is there, heading and all."""
        seen = 0
        for document in documents():
            for target in LINK.findall(FENCED.sub("", document.read_text())):
                if "://" in target:
                    continue
                seen += 1
                name, _, anchor = target.partition("#")
                path = document.parent / name if name else document
                if path == MEASURED:
                    continue
                with self.subTest(document=document.name, target=target):
                    self.assertIs(path.exists(), True)
                    if anchor:
                        self.assertIn(anchor, anchors(path.read_text()))
        self.assertGreater(seen, 20)


class CommandsTests(SimpleTestCase):
    def named(self, pattern):
        """Return what the documents name in code, by document."""
        for document in documents():
            if document.name == "CHANGELOG.md":
                continue
            text = document.read_text()
            code = re.findall(r"`[^`\n]+`", text) + FENCED.findall(text)
            for word in re.findall(pattern, "\n".join(code)):
                yield document.name, word

    def test_recipes(self):
        """Each `make …` is a recipe, and each recipe has a line in `make`."""
        makefile = (ROOT / "Makefile").read_text()
        recipes = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
        named = list(self.named(r"(?:^|[`$ ])make ([a-z-]+)"))
        self.assertGreater(len(named), 5)
        for document, recipe in named:
            with self.subTest(document=document, recipe=recipe):
                self.assertIn(recipe, recipes)
        (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
        self.assertEqual(recipes - set(phony.split()), set())

    def test_management_commands(self):
        """Each `manage.py …` is a command."""
        named = list(self.named(r"manage\.py ([a-z_]+)"))
        self.assertGreater(len(named), 20)
        known = {*get_commands(), "help"}
        for document, command in named:
            with self.subTest(document=document, command=command):
                self.assertIn(command, known)

    def test_options(self):
        """Each option behind the name of one of the engine's commands is its own."""
        named = list(self.named(r"\b(behave(?:_merge)?)((?: [^`#\n|]+)?)"))
        checked = 0
        for document, (command, rest) in named:
            parser = load_command_class("testing", command).create_parser("", command)
            for option in re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest):
                checked += 1
                with self.subTest(document=document, command=command, option=option):
                    self.assertIs(option in parser._option_string_actions, True)
        self.assertGreater(checked, 10)


class TablesTests(SimpleTestCase):
    def rows(self, title):
        """Return the first two cells of each row below a table's title."""
        table = README.read_text().split(f"| {title} | meaning |\n")[1]
        table = table.split("\n\n")[0]
        return [line.strip("| ").split(" | ", 1) for line in table.splitlines()[1:]]

    def test_exit_codes(self):
        """The README lists the exit codes that there are."""
        known = {
            str(getattr(errors, name))
            for name in errors.__all__
            if name.startswith("EXIT_")
        }
        self.assertEqual({code for code, _ in self.rows("exit code")}, known)

    def test_environment(self):
        """Each variable that the README explains is read somewhere in the engine."""
        code = "\n".join(
            path.read_text()
            for path in (ROOT / "testing").rglob("*.py")
            if "tests" not in path.parts
        )
        names = [
            row[0].strip("`").partition("=")[0] for row in self.rows("environment")
        ]
        self.assertGreater(len(names), 2)
        for name in names:
            with self.subTest(name=name):
                self.assertIn(f'"{name}"', code)

    def test_example_of_environment(self):
        """.env.example has each variable that the settings read, and no other."""
        example = (ROOT / ".env.example").read_text()
        described = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
        code = (ROOT / "dancecoach" / "settings.py").read_text()
        read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z0-9_]+)"', code))
        self.assertEqual(described - {"DATABASE_URL"}, read - {"DATABASE_URL"})


class WalkTests(EngineCase):
    """The first feature of the guide, followed to the letter."""

    def setUp(self):
        super().setUp()
        shutil.rmtree(self.features)
        shutil.copytree(ROOT / "features", self.features)
        self.blocks = {
            Path(found["path"]): re.sub(
                rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE
            )
            for found in BLOCK.finditer(GUIDE.read_text())
        }

    def put(self, suffix):
        """Write the guide's only file of a kind; returns where."""
        ((path, text),) = [
            item for item in self.blocks.items() if item[0].suffix == suffix
        ]
        target = self.place / path
        self.assertIs(target.exists(), False, "the guide's file must be a new one")
        target.write_text(text)
        return target

    def test_first_feature(self):
        """Without its step the feature fails with a snippet; with it, it passes."""
        path = self.put(".feature")
        status, out, error = self.behave("-j", "1", paths=[path])
        self.assertEqual(status, 1, out + error)
        self.assertIn("it is 22:30", error)
        self.assertIn("undefined", out + error)
        self.assertIn("@given(", out + error)
        self.put(".py")
        status, out, error = self.behave("-j", "1", paths=[path])
        self.assertEqual(status, 0, out + error)
        self.assertRegex(out + error, r"1 scenario passed, 0 failed")
