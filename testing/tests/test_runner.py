"""`manage.py test` on schemas: the same outcomes as ever, however many workers."""

import contextlib
import io
import os
import tempfile
from unittest import TestResult, TestSuite, mock

from django.conf import settings
from django.test import SimpleTestCase, override_settings
from django.test.runner import DiscoverRunner, ParallelTestSuite

from testing.builds import Build
from testing.runner import (
    SchemaParallelSuite,
    SchemaRunner,
    SchemaRunnerMixin,
    _tests_of,
    worker_count,
)
from testing.tests.project import run, write_tree
from testing.tests.tiny_suite import FILES


class WorkerCountTests(SimpleTestCase):
    def test_number(self):
        """A number is taken as it is, in whatever form it comes."""
        self.assertEqual((worker_count(3), worker_count("3")), (3, 3))

    def test_auto(self):
        """`auto` is DJANGO_TEST_PROCESSES, else the number of processors."""
        with mock.patch.dict(os.environ, DJANGO_TEST_PROCESSES="7"):
            self.assertEqual(worker_count("auto"), 7)
        with (
            mock.patch.dict(os.environ),
            mock.patch("multiprocessing.cpu_count", return_value=5),
        ):
            os.environ.pop("DJANGO_TEST_PROCESSES", None)
            self.assertEqual(worker_count("auto"), 5)


class VerdictTests(SimpleTestCase):
    def test_hazards(self):
        """Where hazards are errors each place that sends one is a failure."""
        runner = SchemaRunner(verbosity=0)
        runner.hazards = mock.Mock(places=["a.py:1", "b.py:2"])
        result = TestResult()
        for hazards, failures in (("report", 0), ("error", 2)):
            given = {**settings.TESTING, "HAZARDS": hazards}
            with self.subTest(hazards=hazards), override_settings(TESTING=given):
                self.assertEqual(runner.suite_result(TestSuite(), result), failures)


class OwnSchemaTests(SimpleTestCase):
    def test_why_it_was_not_replayed(self):
        """In one process, too, it is told why a schema had to be migrated."""
        place = mock.Mock(builds=[Build("default", "test_w1", "migrated", "a reason")])
        runner, out = SchemaRunner(verbosity=1), io.StringIO()
        runner.plan = mock.Mock(serialized=())
        with (
            mock.patch("testing.runner.enter", return_value=place),
            mock.patch("testing.runner.keep_serialized_contents"),
            contextlib.redirect_stdout(out),
        ):
            self.assertIs(runner._move_in(), place)
        self.assertEqual(
            out.getvalue(), "Schemas of 'default' are migrated: a reason.\n"
        )

    def test_nested_suites(self):
        """Each test of a suite is found, however deep, and in its order."""
        one, two, three = (mock.Mock() for _ in range(3))
        suite = TestSuite([TestSuite([one, TestSuite([two])]), three])
        self.assertEqual(list(_tests_of(suite)), [one, two, three])


class ClassesTests(SimpleTestCase):
    def test_base_classes(self):
        """Canary: the runner and its suite extend Django's own."""
        self.assertTrue(issubclass(SchemaRunner, DiscoverRunner))
        self.assertTrue(issubclass(SchemaRunner, SchemaRunnerMixin))
        self.assertTrue(issubclass(SchemaParallelSuite, ParallelTestSuite))
        self.assertIs(DiscoverRunner.parallel_test_suite, ParallelTestSuite)
        self.assertIs(SchemaRunner.parallel_test_suite, SchemaParallelSuite)

    def test_attributes_of_the_suite(self):
        """Canary: Django's suite has the attributes that are relied on."""
        suite = ParallelTestSuite([], 2)
        for name in ("subsuites", "processes", "failfast", "debug_mode", "buffer"):
            with self.subTest(name=name):
                self.assertIs(hasattr(suite, name), True)
        for name in ("process_setup", "process_setup_args", "runner_class"):
            with self.subTest(name=name):
                self.assertIs(hasattr(ParallelTestSuite, name), True)


class EndToEndTests(SimpleTestCase):
    databases = {"default"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.place = folder.name
        write_tree(folder.name, FILES)

    def run_tests(self, *arguments, **variables):
        return run(
            "test",
            *arguments,
            PYTHONPATH=self.place,
            DJANGO_SETTINGS_MODULE="tiny_settings",
            **variables,
        )

    def test_same_outcomes(self):
        """One process, forked and spawned workers count the same."""
        ways = (
            ([], {}),
            (["--parallel", "2"], {"START": "fork"}),
            (["--parallel", "2"], {"START": "spawn"}),
            (["--parallel", "2"], {"START": "forkserver"}),
        )
        for arguments, variables in ways:
            with self.subTest(arguments=arguments, variables=variables):
                status, _, error = self.run_tests("tiny", *arguments, **variables)
                self.assertEqual(status, 1, error)
                # Python 3.12.1 alone does not count the one that is skipped.
                self.assertRegex(error, "Ran 1[01] tests")
                self.assertIn("FAILED (failures=2, errors=1, skipped=1)", error)
                self.assertIn("(number=1)", error)

    def test_tables_of_a_class(self):
        """What a class makes in its set-up is there for all of its tests."""
        for arguments in ([], ["--parallel", "2"], ["--pdb"], ["--debug-sql"]):
            with self.subTest(arguments=arguments):
                status, _, error = self.run_tests("made", *arguments)
                self.assertEqual(status, 0, error)
                self.assertIn("Ran 5 tests", error)

    def test_without_tblib(self):
        """Without tblib the outcomes are the same, and show where it failed."""
        write_tree(self.place, {"no/tblib.py": "raise ModuleNotFoundError('tblib')"})
        status, out, error = run(
            "test",
            "tiny",
            "--parallel",
            "2",
            PYTHONPATH=f"{self.place}{os.pathsep}{self.place}/no",
            DJANGO_SETTINGS_MODULE="tiny_settings",
        )
        self.assertEqual(status, 1, error)
        self.assertIn("FAILED (failures=2, errors=1, skipped=1)", error)
        self.assertIn('raise ValueError("on purpose")', error)
        self.assertNotIn("cannot be pickled", out)

    def test_passed(self):
        """The status is 0 when all pass; failures alone make it 1."""
        status, _, error = self.run_tests("tiny.test_all.Committing")
        self.assertEqual(status, 0, error)
        self.assertIn("Ran 3 tests", error)

    def test_checks_that_ask_a_database(self):
        """A project's check finds its tables, though workers alone have schemas."""
        for arguments in ([], ["--parallel", "2"]):
            with self.subTest(arguments=arguments):
                status, out, error = self.run_tests("checking", *arguments)
                self.assertEqual(status, 0, error)
                self.assertIn("checked: 0 groups", out)

    def test_interrupted(self):
        """A run that Ctrl-C ended early has not passed, and says what it left out."""
        for arguments in ([], ["--parallel", "2"]):
            with self.subTest(arguments=arguments):
                status, _, error = self.run_tests("interrupting", *arguments)
                self.assertEqual(status, 1, error)
                self.assertRegex(error, r"Interrupted: \d+ of 42 tests did not run, so")

    def test_combined_runner(self):
        """The mixin combines with a runner of the project's, and its set-up."""
        status, out, error = self.run_tests(
            "tiny.test_all.NoDatabase",
            "tiny.test_all.Committing",
            "--parallel",
            "2",
            RUNNER="tiny_runners.Combined",
            START="spawn",
            EXPECT_SET_UP="the project",
        )
        self.assertEqual(status, 0, error)
        self.assertIn("checks of the project", out)
        self.assertIn("set up by the project: [] True", out)
        self.assertIn("Ran 4 tests", error)

    def test_no_database_wanted(self):
        """Tests that want no database run without one, in parallel as well."""
        for arguments in ([], ["--parallel", "2"]):
            with self.subTest(arguments=arguments):
                status, _, error = self.run_tests("pure", *arguments)
                self.assertEqual(status, 0, error)
                self.assertIn("Ran 2 tests", error)

    def test_no_schema_for_those_who_want_none(self):
        """A worker whose tests want no database builds no schema."""
        status, out, error = self.run_tests(
            "tiny.test_all.Committing", "pure", "--parallel", "3", "-v", "2"
        )
        self.assertEqual(status, 0, error)
        self.assertEqual(out.count("schema test_"), 1, out)

    def test_project_runner_without_super(self):
        """A runner whose own set-up leaves the mixin's out is refused."""
        status, _, error = self.run_tests("pure", RUNNER="tiny_runners.Lonely")
        self.assertEqual(status, 2, error)
        self.assertIn("The runner tiny_runners.Lonely sets up databases", error)

    def test_replaced_seam(self):
        """A suite with a way of its own to start workers is refused."""
        status, _, error = self.run_tests(
            "pure", "--parallel", "2", RUNNER="tiny_runners.Replacing"
        )
        self.assertEqual(status, 2, error)
        self.assertIn("tiny_runners.Pooling replaces 'init_worker'", error)

    def test_unsendable(self):
        """What cannot be pickled arrives as text; nothing else is lost."""
        status, _, error = self.run_tests("unsendable", "--parallel", "2")
        self.assertEqual(status, 1, error)
        self.assertIn("Ran 5 tests", error)
        self.assertIn("FAILED (failures=3, errors=1)", error)
        for text in (
            "cannot leave the worker",
            "cannot leave either",
            "(lock=<",
            "(number=1)",
        ):
            self.assertIn(text, error)
        self.assertIn('raise Local("cannot leave the worker")', error)

    def test_other_engines(self):
        """A database of another engine goes Django's way, beside the schemas."""
        labels = ["aliases.test_all.Both", "aliases.test_all.More"]
        for method in ("fork", "spawn"):
            for arguments in ([], ["--parallel", "2"]):
                with self.subTest(method=method, arguments=arguments):
                    status, _, error = self.run_tests(
                        *labels, *arguments, SQLITE="beside", START=method
                    )
                    self.assertEqual(status, 0, error)
                    self.assertIn("Ran 4 tests", error)
                    self.assertIn("the database 'other' (SQLite) will be made", error)

    def test_no_schemas_at_all(self):
        """A project that has no PostgreSQL is tested as ever."""
        for arguments in ([], ["--parallel", "2"]):
            with self.subTest(arguments=arguments):
                labels = ["tiny.test_all.Committing", "tiny.test_all.Served"]
                status, _, error = self.run_tests(*labels, *arguments, SQLITE="only")
                self.assertEqual(status, 0, error)
                self.assertIn("Ran 4 tests", error)

    def test_mirror(self):
        """A mirror shares the schema of its primary, even when it is alone."""
        labels = ["aliases.test_all.Mirrored", "aliases.test_all.ReplicaAlone"]
        for arguments in ([labels[1]], labels, [*labels, "--parallel", "2"]):
            with self.subTest(arguments=arguments):
                status, _, error = self.run_tests(*arguments, MIRROR="1")
                self.assertEqual(status, 0, error)

    def test_debug_sql(self):
        """`--debug-sql` prints the statements of a failing test."""
        status, _, error = self.run_tests("tiny.test_all.Outcomes.test_fail", "-d")
        self.assertEqual(status, 1, error)
        self.assertIn("INSERT INTO", error)

    def test_server_that_does_not_answer(self):
        """Without a server the command ends with status 2 and says what to do."""
        url = "postgres://me:secret-of-the-probe@127.0.0.1:1/x"
        status, out, error = self.run_tests("tiny", DATABASE_URL=url)
        self.assertEqual(status, 2, error)
        self.assertIn("127.0.0.1, port 1", error)
        self.assertNotIn("secret-of-the-probe", out + error)
