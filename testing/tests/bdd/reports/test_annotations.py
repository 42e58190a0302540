"""Annotations and the summary of a workflow's run."""

from django.test import SimpleTestCase

from testing.bdd.record import RunRecord
from testing.bdd.reports import annotations
from testing.tests.bdd.reports.sample_record import (
    SIGN_UP,
    SampleRun,
    login_run,
    sign_up_run,
    step,
)

GITHUB = {"GITHUB_ACTIONS": "true"}


class LinesTests(SimpleTestCase):
    def lines(self, record: RunRecord) -> list[str]:
        return annotations.lines(record, environment=GITHUB)

    def test_only_in_workflows(self):
        """Elsewhere nothing is printed."""
        for environment in ({}, {"CI": "true"}, {"GITHUB_ACTIONS": "false"}):
            lines = annotations.lines(login_run(), environment=environment)
            self.assertEqual(lines, [])
        gitea = annotations.lines(login_run(), environment={"GITEA_ACTIONS": "true"})
        self.assertEqual(gitea, self.lines(login_run()))

    def test_failed_then_flaky(self):
        """A failure is an error at its step, a flaky scenario a warning at its line."""
        error, warning = self.lines(login_run())
        self.assertTrue(
            error.startswith(
                "::error file=features/auth/login.feature,line=17,"
                "title=The wrong password::Then the answer is 401%0ATraceback"
            )
        )
        self.assertTrue(error.endswith("%0AAssertionError: 403 is not 401"))
        self.assertEqual(
            warning,
            "::warning file=features/auth/login.feature,line=28,"
            "title=Flaky%3A DELETE is refused -- @1.1 ::Passed at attempt 2, "
            "after this failure:%0AWorker 2 was killed by SIGKILL.",
        )

    def test_escapes(self):
        """No character of a name or an error can end or start a command."""
        run = SampleRun()
        feature = run.feature("features/a,b.feature", SIGN_UP)
        name = "a:b,c%d\r\n::error::e"
        run.scenario(feature, 2, 3, name, [], status="error", error="50%\n::warning::x")
        [line] = self.lines(run.end(1))
        self.assertEqual(
            line,
            "::error file=features/a%2Cb.feature,line=3,"
            "title=a%3Ab%2Cc%25d%0D%0A%3A%3Aerror%3A%3Ae::50%25%0A::warning::x",
        )

    def test_green(self):
        """A run that passed has no annotation."""
        self.assertEqual(self.lines(sign_up_run()), [])

    def test_failed_hook(self):
        """A hook of a feature that failed is an error at the feature."""
        run = SampleRun()
        feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
        run.scenario(feature, 2, 3, "A", [step("When", "I sign up as Ada", 4)])
        run.unit(feature, failed=True)
        [line] = self.lines(run.end(1))
        self.assertIn("file=features/auth/sign_up.feature,line=1,title=Sign up", line)

    def test_failed_run(self):
        """A run that is red on its own has an annotation without a file."""
        self.assertEqual(
            self.lines(SampleRun().end(1, "before_all failed")),
            ["::error title=behave%3A failed::before_all failed"],
        )
        [line] = self.lines(SampleRun().record)
        self.assertEqual(
            line, "::error title=behave%3A incomplete::The run is incomplete."
        )


class SummaryTests(SimpleTestCase):
    def test_summary(self):
        """A summary has the counts, each failure with its command, and flaky ones."""
        text = annotations.summary_markdown(login_run())
        self.assertIn("## behave: failed\n", text)
        self.assertIn("| 1 | 1 | 1 | 1 | 1.38 s | 2 | 0.91 |", text)
        self.assertIn(
            "<code>manage.py behave features/auth/login.feature:13</code>", text
        )
        self.assertIn("```text\nTraceback", text)
        self.assertIn("### Flaky\n\n- DELETE is refused -- &#64;1.1", text)
        self.assertIn("- Worker 2: killed by SIGKILL", text)

    def test_green(self):
        """A green run has a table alone."""
        text = annotations.summary_markdown(sign_up_run())
        self.assertNotIn("###", text)

    def test_untrusted_text(self):
        """Names cannot format anything, and an error cannot leave its fence."""
        run = SampleRun()
        feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
        changes = {"status": "failed", "error": "````\n</details>\n# big"}
        run.scenario(feature, 2, 3, "<b>|**a**", [], **changes)
        run.unit(feature)
        text = annotations.summary_markdown(run.end(1))
        self.assertIn("&#60;b&#62;&#124;&#42;&#42;a&#42;&#42;", text)
        self.assertIn("`````text\n````\n</details>\n# big\n`````\n", text)

    def test_length(self):
        """Long errors are cut at their beginning, many failures are counted."""
        run = SampleRun()
        feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
        for place in range(30):
            error = f"{'x' * 5000}\nthe end"
            run.scenario(feature, place, 3, "A", [], status="failed", error=error)
        text = annotations.summary_markdown(run.end(1))
        self.assertIn("… and 5 more.", text)
        self.assertIn("x\nthe end\n```", text)
        self.assertLess(len(text), 25 * 4500)

    def test_failed_hook(self):
        """A feature whose hook failed is among the problems."""
        run = SampleRun()
        feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
        run.unit(feature, failed=True)
        text = annotations.summary_markdown(run.end(1))
        self.assertIn("- A hook of features/auth/sign&#95;up.feature failed.", text)
