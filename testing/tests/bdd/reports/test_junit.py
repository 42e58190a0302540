"""The merged JUnit XML."""

import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from django.test import SimpleTestCase

from testing.bdd.record import RunRecord
from testing.bdd.reports import junit
from testing.tests.bdd.reports.sample_record import (
    LOGIN,
    SIGN_UP,
    SampleRun,
    background,
    login_run,
    sign_up_run,
    step,
)


class JunitTests(SimpleTestCase):
    def report(self, record: RunRecord) -> ET.Element:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "new", "junit.xml")
            junit.write(record, path=path)
            return ET.parse(path).getroot()

    def case(self, root: ET.Element, name: str) -> ET.Element:
        found = [case for case in root.iter("testcase") if case.get("name") == name]
        self.assertEqual(len(found), 1, name)
        return found[0]

    def test_counts_and_times(self):
        """A scenario counts once, whatever attempts it took; time is wall time."""
        record = login_run()
        root = self.report(record)
        counts = {"tests": "4", "failures": "1", "errors": "0", "skipped": "1"}
        for element in (root, root.find("testsuite")):
            self.assertLessEqual(counts.items(), element.attrib.items())
        self.assertEqual(root.get("time"), f"{record.ends[0].seconds:.3f}")
        suite = root.find("testsuite")
        self.assertEqual(suite.get("time"), "1.250")
        self.assertEqual(
            suite.get("name"), "features.auth.login.Log in </script><b>now</b>"
        )
        self.assertEqual(suite.get("hostname"), "runner-1")
        self.assertEqual(suite.get("timestamp"), "2026-03-01T09:00:01.250000+00:00")

    def test_order_of_children(self):
        """Children stand in the order that Surefire's schema wants."""
        order = [
            "properties",
            "skipped",
            "error",
            "failure",
            "rerunFailure",
            "flakyFailure",
            "system-out",
        ]
        for case in self.report(login_run()).iter("testcase"):
            tags = [child.tag for child in case]
            self.assertEqual(tags, sorted(tags, key=order.index))

    def test_passed(self):
        """A scenario tells where it ran, and what its steps did."""
        case = self.case(self.report(login_run()), "The right password")
        self.assertEqual(case.get("classname"), "features.auth.login")
        self.assertEqual(case.get("file"), "features/auth/login.feature")
        self.assertEqual(case.get("line"), "9")
        self.assertEqual(case.get("time"), "0.250")
        properties = [(p.get("name"), p.get("value")) for p in case.iter("property")]
        self.assertEqual(
            properties,
            [
                ("worker", "1"),
                ("schema", "auth_w1"),
                ("attempt", "1"),
                ("attempts", "1"),
                ("tag", "smoke"),
                ("tag", "accounts"),
            ],
        )
        self.assertEqual(
            case.findtext("system-out").splitlines()[1:],
            [
                "When I log in as Ada ... passed in 0.020s",
                "Then the answer is 200 ... passed in 0.020s",
            ],
        )

    def test_failed_to_the_end(self):
        """The first failure is the failure, later ones are rerunFailure."""
        case = self.case(self.report(login_run()), "The wrong password")
        failure = case.find("failure")
        self.assertEqual(failure.get("type"), "AssertionError")
        self.assertEqual(failure.get("message"), "403 is not 401")
        self.assertIn('File "features/steps/http.py", line 40', failure.text)
        [rerun] = case.findall("rerunFailure")
        self.assertEqual(rerun.get("message"), "403 is not 401")
        self.assertEqual(rerun.findtext("stackTrace"), failure.text)
        self.assertIn("attempt 2, worker 1, auth_w1", rerun.findtext("system-out"))
        self.assertEqual(case.findall("flakyFailure"), [])

    def test_system_out(self):
        """Tables, texts, HTTP and output are told; colours and NUL are not."""
        case = self.case(self.report(login_run()), "The wrong password")
        self.assertEqual(
            case.findtext("system-out").splitlines()[1:],
            [
                "When I log in with ... passed in 0.020s",
                "  | name | password |",
                "  | Ada | x |",
                "Then the answer is 401 ... failed in 0.020s",
                '  """',
                '  {"error": "credentials"}',
                '  """',
                "",
                "HTTP:",
                "  POST /api/v1/auth/login?next=<img src=x> -> 403 in 0.015s, 4 SQL",
                "",
                "Output:",
                "red <script>alert(1)</script> U+0000",
            ],
        )

    def test_flaky(self):
        """A scenario that passed in the end has flakyFailure, and no failure."""
        case = self.case(self.report(login_run()), "DELETE is refused -- @1.1 ")
        self.assertIsNone(case.find("failure"))
        self.assertIsNone(case.find("error"))
        [flaky] = case.findall("flakyFailure")
        self.assertEqual(flaky.get("type"), "lost")
        self.assertEqual(flaky.get("message"), "Worker 2 was killed by SIGKILL.")
        self.assertEqual(case.get("status"), "passed")

    def test_skipped(self):
        """A skipped scenario is there, and is skipped."""
        case = self.case(self.report(login_run()), "PUT is refused -- @1.2 ")
        self.assertIsNotNone(case.find("skipped"))

    def test_error(self):
        """What is no failed assertion is an error; a rule is a property."""
        root = self.report(sign_up_run(passes=False))
        case = self.case(root, "A name that is taken")
        self.assertEqual(case.find("error").get("type"), "ValueError")
        self.assertEqual(root.get("errors"), "1")
        self.assertIsNotNone(case.find(".//property[@name='rule']"))

    def test_illegal_characters(self):
        """What XML cannot hold is written by its number, also in attributes."""
        run = SampleRun()
        feature = run.feature("features/a.feature", LOGIN)
        name = "a\x00\x1b[1mb\ud800\ufffe"
        run.scenario(feature, 2, 9, name, [background()], error="\x07", status="failed")
        case = self.report(run.end(1)).find(".//testcase")
        self.assertEqual(case.get("name"), "aU+0000bU+D800U+FFFE")
        self.assertEqual(case.find("failure").text, "U+0007")

    def test_failed_feature_hook(self):
        """A hook of a feature that failed is an error, although no scenario is."""
        run = SampleRun()
        feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
        run.scenario(feature, 2, 3, "A", [step("When", "I sign up as Ada", 4)])
        run.unit(feature, failed=True)
        root = self.report(run.end(1))
        case = self.case(root, "(feature) Sign up")
        self.assertIn("hook", case.find("error").text)
        self.assertEqual(root.get("errors"), "1")

    def test_failed_run(self):
        """A run that is red on its own is never reported green."""
        for arguments, text in (
            ((1, "before_all failed in worker 1", "second"), "before_all failed"),
            ((130,), "interrupted"),
        ):
            with self.subTest(text):
                root = self.report(SampleRun().end(*arguments))
                self.assertIn(text, self.case(root, "(run)").find("error").text)
                self.assertEqual((root.get("tests"), root.get("errors")), ("1", "1"))

    def test_killed_run(self):
        """A record without an end is an incomplete run, with the time known."""
        run = SampleRun()
        feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
        run.scenario(feature, 2, 3, "A", [step("When", "I sign up as Ada", 4)])
        root = self.report(run.record)
        self.assertIn("incomplete", self.case(root, "(run)").find("error").text)
        self.assertEqual(root.get("time"), "0.750")
