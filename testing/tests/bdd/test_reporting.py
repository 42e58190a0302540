"""Reports are written where they were asked for, and nowhere else."""

import contextlib
import io
import os
import tempfile
from pathlib import Path
from unittest import mock

from django.test import SimpleTestCase

from testing.bdd.options import RunOptions
from testing.bdd.reporting import write_reports
from testing.tests.bdd.console_facts import failure, feature, record_of, run_fact, unit
from testing.tests.bdd.console_facts import run_end as end
from testing.tests.bdd.engine_case import EngineCase
from testing.tests.bdd.engine_case import feature as text_of
from testing.tests.project import start


class ReportsTests(SimpleTestCase):
    def write(self, *, environment=None, **options):
        record = record_of(run_fact(), feature(), failure(), unit(), end(exit_code=1))
        given = dict.fromkeys(("GITHUB_ACTIONS", "GITEA_ACTIONS"), "")
        out = io.StringIO()
        with mock.patch.dict(os.environ, given), contextlib.redirect_stdout(out):
            for name in (*given, "GITHUB_STEP_SUMMARY"):
                os.environ.pop(name, None)
            os.environ.update(environment or {})
            write_reports(record, chosen=RunOptions(**options))
        return out.getvalue()

    def test_files(self):
        """Each report goes to its own file; without options there is none."""
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.write(), "")
            self.assertEqual(list(Path(folder).iterdir()), [])
            paths = {
                f"report_{kind}": Path(folder) / kind
                for kind in ("html", "junit", "messages")
            }
            self.write(**paths)
            found = {path.name: path.read_text() for path in Path(folder).iterdir()}
        self.assertEqual(sorted(found), ["html", "junit", "messages"])
        self.assertIn('"testRunFinished"', found["messages"])
        self.assertIn("A dancer logs in", found["html"])
        self.assertIn("<testsuite", found["junit"])

    def test_annotations(self):
        """On a CI server failures are annotated, and summed up on its page."""
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "summary"
            page.write_text("before\n")
            environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)}
            out = self.write(environment=environment)
            self.assertTrue(page.read_text().startswith("before\n"))
            self.assertIn("A dancer logs in", page.read_text())
        self.assertIn("::error", out)
        self.assertIn("::error", self.write(environment={"GITEA_ACTIONS": "true"}))


class CallCommandTests(EngineCase):
    def test_options(self):
        """All options of a run work through `call_command`."""
        self.write({"a.feature": text_of("A", "all is well", "it fails once as x")})
        junit = self.place / "junit.xml"
        code = (
            "from django.core.management import call_command\n"
            f"call_command('behave', {str(self.features)!r}, format=['plain'],"
            " parallel=1, parallel_by='scenario', retries=1, timeout=30,"
            " step_timeout=30, random=5, check_leaks=True, keep_failed=True,"
            f" color='off', repeat=2, report_junit={str(junit)!r})\n"
            "print('went on')\n"
        )
        process = start("shell", "-c", code, **self.variables)
        out, error = process.communicate()
        self.assertEqual(process.returncode, 0, error)
        self.assertIn("went on", out)
        self.assertIn("2/2 runs passed.", error)
        self.assertIn("random order, seed 5", error)
        for number in (1, 2):
            self.assertIs((self.place / f"junit-{number}.xml").exists(), True)
