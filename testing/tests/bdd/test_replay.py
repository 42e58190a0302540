"""Reports of a parallel run are those of a sequential run by behave itself."""

import tempfile
from pathlib import Path
from unittest import mock

from behave.configuration import Configuration
from django.test import SimpleTestCase

from testing.bdd.assembly import Assembly
from testing.bdd.replay import Replay
from testing.tests.bdd.colourful_features import FILES
from testing.tests.bdd.unit_cases import MIXED, parse
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


class Reporter:
    """A reporter that notes what it hears of."""

    show_duration = True

    def __init__(self):
        self.heard = []

    def feature(self, feature):
        self.heard.append(feature.name)

    def end(self):
        self.heard.append("end")


class Formatter:
    """A formatter that knows but two calls, and breaks in one of them."""

    name = "theirs"

    def __init__(self):
        self.heard = []

    def uri(self, uri):
        self.heard.append(uri)
        raise LookupError("on purpose")

    def close(self):
        self.heard.append("close")


class ReplayTests(SimpleTestCase):
    def replay(self, *arguments, assemblies=()):
        config = Configuration(["-f", "null", *arguments], load_config=False)
        self.reporter = Reporter()
        config.reporters = [self.reporter]
        return Replay(config, assemblies)

    def test_without_timings(self):
        """Who wants no timings gets none from reporters either."""
        self.replay("--show-timings")
        self.assertIs(self.reporter.show_duration, True)
        self.replay("--no-timings")
        self.assertIs(self.reporter.show_duration, False)

    def test_features_that_never_ran(self):
        """One of this run is reported as it is; one of another shard is not."""
        assemblies = [Assembly(one) for one in parse(MIXED, "Feature: Elsewhere\n")]
        assemblies[0].is_in_run = True
        self.replay(assemblies=assemblies).end()
        self.assertEqual(self.reporter.heard, ["Mixed", "end"])

    def test_formatter_that_breaks(self):
        """Its output ends there, which fails the run; the others go on."""
        (assembly,) = map(Assembly, parse(MIXED))
        assembly.add_left_out(1)
        replay = self.replay(assemblies=[assembly])
        theirs, other = Formatter(), mock.Mock()
        replay.formatters = [theirs, other]
        replay.end()
        self.assertEqual(theirs.heard, ["f0.feature"])
        self.assertEqual(replay.formatters, [other])
        other.feature.assert_called_once()
        self.assertEqual(
            replay.outcome.problems,
            [
                "The formatter 'theirs' failed in uri() with LookupError: on purpose;"
                " its output ends there."
            ],
        )
        self.assertIs(replay.outcome.has_failed, True)


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
