"""Reports of a parallel run are those of a sequential run by behave itself."""

import tempfile
from pathlib import Path

from django.test import SimpleTestCase

from testing.tests.bdd.colourful_features import FILES
from testing.tests.project import normalised, run, run_behave, write_tree

FORMATS = (
    "plain",
    "pretty",
    "progress2",
    "progress3",
    "json",
    "json.pretty",
    "rerun",
    "steps.usage",
    "steps.doc",
    "tags",
    "tags.location",
)


class SameReportsTests(SimpleTestCase):
    databases = {"default"}
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.place = Path(folder.name)
        write_tree(cls.place / "features", FILES)
        cls.expected = cls.report("sequential", run_behave)
        cls.found = cls.report("parallel", run, "behave", "--parallel", "2")

    @classmethod
    def report(cls, name, runner, *arguments):
        place = cls.place / name
        place.mkdir()
        options = ["--color=off"]
        for number, kind in enumerate(FORMATS):
            options += ["-f", kind, "-o", place / f"{number}-{kind}"]
        options += ["--junit", "--junit-directory", place / "junit"]
        options += ["--tags", "not @skip_me"]
        place_of_features = cls.place / "features"
        status, out, error = runner(*arguments, *options, place_of_features)
        return status, out, error, place

    def texts(self, report, pattern):
        place = report[3]
        return {
            str(path.relative_to(place)): normalised(path.read_text()).replace(
                str(place), "PLACE"
            )
            for path in sorted(place.glob(pattern))
        }

    def test_status(self):
        """Both runs failed."""
        self.assertEqual((self.expected[0], self.found[0]), (1, 1))

    def test_files(self):
        """Each formatter's file is the same."""
        expected = self.texts(self.expected, "*-*")
        found = self.texts(self.found, "*-*")
        self.assertEqual(list(found), list(expected))
        self.assertEqual(len(found), len(FORMATS))
        for name, text in expected.items():
            with self.subTest(name=name):
                self.assertEqual(found[name], text)

    def test_junit(self):
        """JUnit's files are the same."""
        expected = self.texts(self.expected, "junit/*")
        found = self.texts(self.found, "junit/*")
        self.assertEqual(list(found), list(expected))
        self.assertGreater(len(found), 3)
        for name, text in expected.items():
            with self.subTest(name=name):
                self.assertEqual(found[name], text)

    def test_standard_output(self):
        """Summary, snippets and what hooks print are the same."""
        self.assertEqual(normalised(self.found[1]), normalised(self.expected[1]))
        self.assertIn("before_all speaks", self.found[1])

    def test_progress(self):
        """The default of `make bdd` writes the same to standard output."""
        # behave's own formatter does not know the status of a broken cleanup.
        options = ("--color=off", "-f", "progress", "--tags", "not @bad_cleanup")
        place = self.place / "features"
        status, expected, _ = run_behave(*options, place)
        self.assertEqual(status, 1)
        status, found, _ = run("behave", "--parallel", "2", *options, place)
        self.assertEqual(status, 1)
        self.assertEqual(normalised(found), normalised(expected))
