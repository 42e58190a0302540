"""From paths to features: what is chosen, and what is refused."""

import sys
import tempfile
from pathlib import Path
from unittest import mock

from django.test import SimpleTestCase

from testing.bdd import plan
from testing.bdd.plan import choose_paths, package_of
from testing.errors import SetupFailure, UsageError
from testing.tests.project import write_tree


class LoadTests(SimpleTestCase):
    def load(self, *arguments, files):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        write_tree(folder, files)
        paths = [str(Path(folder) / one) for one in arguments]
        before = sys.path.copy()
        self.addCleanup(sys.path.__setitem__, slice(None), before)
        return plan.load_features(["-f", "null", *paths])

    def test_formatters(self):
        """Those of the configuration file come beside the one for people."""
        for given, in_file, expected in (
            ([], None, ["pretty"]),
            (["json"], None, ["json"]),
            (["json"], ["json"], ["json", "pretty"]),
            (["json", "plain"], ["json"], ["json", "plain"]),
        ):
            with self.subTest(given=given, in_file=in_file):
                config = mock.Mock(
                    format=list(given), outputs=[], default_format="pretty"
                )
                config.defaults = {"format": in_file}
                plan._choose_formats(config)
                self.assertEqual(config.format, expected)

    def test_more_files_than_formatters(self):
        """Each file belongs to a formatter, so that one too many is refused."""
        config = mock.Mock(format=["json"], outputs=["a", "b"], defaults={})
        with self.assertRaisesMessage(UsageError, "There are 2 --outfile and 1 --form"):
            plan._choose_formats(config)

    def test_what_cannot_be_found(self):
        """A path that went since it was chosen, or is no feature, is refused."""
        files = {"steps/s.py": "", "a.feature": "Feature: A\n", "notes.txt": ""}
        for path in ("b.feature", "notes.txt", "a.feature:x"):
            with (
                self.subTest(path=path),
                self.assertRaisesMessage(UsageError, "Next: name a folder or file"),
            ):
                self.load(path, files=files)

    def test_what_cannot_be_loaded(self):
        """Features that are none, and hooks that break, are refused in full."""
        for files, words in (
            ({"steps/s.py": "", "a.feature": "Nonsense\n"}, "features cannot be read"),
            (
                {"steps/s.py": "1 / 0", "a.feature": "Feature: A\n"},
                "cannot be loaded (ZeroDivisionError: division by zero)",
            ),
        ):
            with (
                self.subTest(words=words),
                self.assertRaisesMessage(SetupFailure, words),
            ):
                self.load("a.feature", files=files)

    def test_what_is_refused_by_name(self):
        """A refusal of the engine's own comes through as it was said."""
        refusal = SetupFailure("no such thing. Next: do without")
        with (
            mock.patch.object(plan.ScenarioRunner, "load", side_effect=refusal),
            self.assertRaises(SetupFailure) as caught,
        ):
            self.load("a.feature", files={"a.feature": ""})
        self.assertIs(caught.exception, refusal)


class PathsCase(SimpleTestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "features"
        files = {
            "auth/a.feature": "",
            "auth/deep/b.feature": "",
            "greet/c.feature": "",
            "steps/s.py": "",
            "top.feature": "",
        }
        write_tree(self.root, files)
        self.enterContext(mock.patch.object(plan, "FEATURES", self.root))


class ChoosePathsTests(PathsCase):
    def test_package(self):
        """A package's name stands for its folder."""
        chosen = choose_paths([], package="auth")
        self.assertEqual(chosen, [str(self.root / "auth")])

    def test_unknown_packages(self):
        """A name that is no folder with features is refused, with those that are."""
        names = ("other", "steps", "../features", "auth/deep", ".", "a\nb", "*")
        for name in names:
            with (
                self.subTest(name=name),
                self.assertRaisesMessage(UsageError, "as one of auth, greet."),
            ):
                choose_paths([], package=name)

    def test_no_package(self):
        """Where no features are at all, the folder that was looked in is named."""
        elsewhere = self.root / "auth"
        with (
            mock.patch.object(plan, "FEATURES", elsewhere / "features"),
            self.assertRaisesMessage(UsageError, f"and {elsewhere}/features holds no"),
        ):
            choose_paths([], package="auth")

    def test_paths(self):
        """Paths that exist are taken, with a line or without."""
        given = [str(self.root / "top.feature"), f"{self.root / 'top.feature'}:3"]
        self.assertEqual(choose_paths(given, package=""), given)
        self.assertEqual(choose_paths([], package=""), [])

    def test_unknown_paths(self):
        """A path that does not exist is refused by its name."""
        for path in ("no/such", f"{self.root}/no.feature:3", "%s"):
            with (
                self.subTest(path=path),
                self.assertRaisesMessage(UsageError, f"no feature at {path!r}"),
            ):
                choose_paths([path], package="")

    def test_where_a_path_was_looked_for(self):
        """A relative path is told with the folder that it starts from."""
        with self.assertRaisesMessage(UsageError, f"as it is found from {Path.cwd()}"):
            choose_paths(["../features"], package="")

    def test_both(self):
        """A package and paths exclude each other."""
        with self.assertRaisesMessage(UsageError, "unset FEATURE"):
            choose_paths([str(self.root)], package="auth")


class PackageOfTests(PathsCase):
    def test_packages(self):
        """The package is the one folder that holds all paths."""
        for paths, package in (
            (["auth"], "auth"),
            (["auth/a.feature"], "auth"),
            (["auth/a.feature:3", "auth/deep"], "auth"),
            (["auth", "greet"], ""),
            (["."], ""),
            (["top.feature"], ""),
            (["auth", "top.feature"], ""),
            (["../elsewhere"], ""),
            ([], ""),
        ):
            with self.subTest(paths=paths):
                given = [str(self.root / path) for path in paths]
                self.assertEqual(package_of(given), package)
