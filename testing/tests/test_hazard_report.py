"""Findings of several workers, put together and told."""

from unittest import TestCase

from testing.hazard_report import WAYS, Finding, HazardReport, advice_of, is_accepted
from testing.hazards import KINDS


def finding(hazard="role", *, test="a.T.t", path="x.py", line=3, **more):
    return Finding(
        hazard=hazard,
        statement=more.pop("statement", "DROP ROLE x"),
        path=path,
        line=line,
        test=test,
        **more,
    )


class HazardReportTests(TestCase):
    def test_nothing(self):
        """Where nothing was found nothing is said."""
        self.assertEqual(HazardReport().lines(), [])

    def test_lines(self):
        """Kinds come in their order, each once with what to do; so do lines of code."""
        report = HazardReport.of(
            [
                finding("search path", statement="SET search_path = x", line=9),
                finding(test="b.T.t"),
                finding(test="a.T.t"),
                finding(test="a.T.t"),
            ]
        )
        report.add([finding(line=1, package="lib/core.py:7")])
        lines = report.lines()
        self.assertIn("3 statements reach beyond a worker's schema.", lines[0])
        self.assertEqual(
            lines[1:],
            [
                "",
                f"  role: {KINDS['role'].reach}.",
                f"  Next: {advice_of('role')}.",
                "    x.py:1 through lib/core.py:7  DROP ROLE x",
                "      in a.T.t",
                "    x.py:3  DROP ROLE x",
                "      in a.T.t, and in 1 more",
                "",
                f"  search path: {KINDS['search path'].reach}.",
                f"  Next: {advice_of('search path')}.",
                "    x.py:9  SET search_path = x",
                "      in a.T.t",
                "",
                *WAYS,
            ],
        )
        self.assertIn("      in b.T.t", report.lines(is_detailed=True))

    def test_many(self):
        """Of very many the first are told, unless everything is asked for."""
        report = HazardReport.of(finding(line=number) for number in range(60))
        self.assertEqual(
            report.lines()[-2 - len(WAYS)], "  … and 10 more, shown with -v 3"
        )
        self.assertIn("    x.py:59  DROP ROLE x", report.lines(is_detailed=True))

    def test_advice(self):
        """Each kind has a way out: its own if there is one, and to run alone."""
        self.assertEqual(advice_of("role"), "run the test alone")
        self.assertRegex(
            advice_of("catalog"),
            "^filter by current_schema.* own, or run the test alone$",
        )
        for kind in set(KINDS) - {"public"}:
            self.assertIn("alone", advice_of(kind))

    def test_advice_that_would_not_help(self):
        """No table of the project's is in public, however alone a test runs."""
        self.assertEqual(
            advice_of("public"),
            "name the table without a schema, or give the test a database of its own",
        )


class IsAcceptedTests(TestCase):
    def test_accepted(self):
        """An entry is a kind, everywhere or where the path fits."""
        for entry, expected in (
            ("role", True),
            ("role: x.py", True),
            ("role:*.py", True),
            ("role: y/*", False),
            ("public", False),
            ("public: x.py", False),
        ):
            self.assertIs(is_accepted(finding(), [entry]), expected, entry)
        self.assertIs(is_accepted(finding(), []), False)
