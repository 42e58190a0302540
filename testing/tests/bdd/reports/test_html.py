"""The page of a run."""

import base64
import hashlib
import re
import tempfile
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

from django.test import SimpleTestCase
from django.utils import translation

from testing.bdd.record import RunRecord
from testing.bdd.reports import html
from testing.hazard_report import Finding
from testing.tests.bdd.reports.sample_record import (
    LOGIN,
    SIGN_UP,
    SampleRun,
    background,
    failure,
    login_run,
    step,
    wrong_password,
)

VOID = ("meta", "link", "img", "input", "br", "hr")


class Page(HTMLParser):
    """A page's elements; complains about tags that do not close each other."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        if self.open:
            raise AssertionError(f"never closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        opened = self.open.pop()
        if opened != tag:
            raise AssertionError(f"</{tag}> closes <{opened}> at {self.getpos()}")

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.texts.append(data)

    def with_class(self, name: str) -> list[dict[str, str]]:
        return [a for _, a in self.elements if name in a.get("class", "").split()]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


class HtmlTests(SimpleTestCase):
    def source(self, record: RunRecord) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "new", "page.html")
            html.write(record, path=path)
            return path.read_text(encoding="utf-8")

    def page(self, record: RunRecord) -> Page:
        return Page(self.source(record))

    def test_text_of_features_is_text(self):
        """Markup in names, output and bodies is shown, never obeyed."""
        page = self.page(login_run())
        self.assertEqual([tag for tag, _ in page.elements].count("script"), 1)
        self.assertIn("Log in </script><b>now</b>", page.text)
        self.assertIn("red <script>alert(1)</script> \ufffd", page.text)
        self.assertIn("</pre><script>alert(2)</script>", page.text)
        self.assertNotIn("src=x", self.source(login_run()).replace("&lt;img src=x", ""))

    def test_no_network(self):
        """Nothing is loaded, and the policy would let a browser load nothing."""
        source = self.source(login_run())
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', source)[1]
        self.assertIn("default-src 'none'", policy)
        script = re.search(r"<script>(.*)</script>\s*</body>", source, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        self.assertIn(f"script-src 'sha256-{digest}'", policy)
        for tag, attributes in Page(source).elements:
            for name in ("src", "href"):
                if name in attributes:
                    self.assertRegex(attributes[name], r"^(#|data:image/)", tag)

    def test_links_lead_somewhere(self):
        """Ids are there once, and each link within the page has its target."""
        page = self.page(login_run())
        ids = [
            attributes["id"] for _, attributes in page.elements if "id" in attributes
        ]
        self.assertEqual(len(ids), len(set(ids)))
        for _, attributes in page.elements:
            if attributes.get("href", "").startswith("#"):
                self.assertIn(attributes["href"][1:], ids)
            if "aria-labelledby" in attributes:
                self.assertIn(attributes["aria-labelledby"], ids)

    def test_header(self):
        """The header has the verdict, the counts and what reproduces the run."""
        page = self.page(login_run())
        self.assertIn("Failed 4 scenarios in 1.38 s", page.text)
        self.assertIn("1 failed 1 flaky 1 passed 1 skipped 1 feature", page.text)
        self.assertIn("manage.py behave --tags 'not @slow'", page.text)
        self.assertIn("Seed 42", page.text)
        self.assertIn("2 (fork)", page.text)

    def test_failures_are_open(self):
        """A failed scenario is expanded; others are folded."""
        page = self.page(login_run())
        opened = [
            inner
            for (_, outer), inner in pairwise(page.elements)
            if "case" in outer.get("class", "").split()
        ]
        self.assertEqual([tag for tag, _ in opened], ["details"] * 4)
        self.assertEqual(["open" in a for _, a in opened], [False, True, False, False])

    def test_a_failure_in_full(self):
        """Steps, error, output, exchanges, pictures and the command are there."""
        page = self.page(login_run())
        for text in (
            "manage.py behave features/auth/login.feature:13",
            "Attempt 1: failed",
            "Attempt 2: failed",
            "Then the answer is 401 failed 0.020 s",
            'File "features/steps/http.py", line 40, in answer_is',
            "2 POST /api/v1/auth/login?next=<img src=x>",
            "403 0.015 s 4",
            "Request body",
            "a note",
            "AssertionError: 403 is not 401",
        ):
            with self.subTest(text):
                self.assertIn(text, page.text)
        pictures = [a["src"] for tag, a in page.elements if tag == "img"]
        self.assertEqual(len(pictures), 2)

    def test_attachments_that_are_too_large(self):
        """Beyond a megabyte in all, attachments are named instead of shown."""
        run = SampleRun()
        feature = run.feature("features/auth/login.feature", LOGIN)
        large = base64.b64encode(b"x" * 600_000).decode()
        attachments = [["image/png", large], ["image/png", large], ["image/png", "?"]]
        changes = failure(attachments=attachments)
        run.scenario(feature, 6, 13, "A", wrong_password(failed=True), **changes)
        source = self.source(run.end(1))
        self.assertLess(len(source), 1_000_000)
        page = Page(source)
        self.assertEqual(sum(tag == "img" for tag, _ in page.elements), 1)
        self.assertIn(
            "image/png, 585.9\xa0KB: left out, too large", " ".join(page.texts)
        )
        self.assertIn("2 attachments left out", page.text)

    def test_timeline(self):
        """Each worker has a lane with its builds, scenarios and deaths."""
        page = self.page(login_run())
        self.assertEqual(len(page.with_class("lane")), 2)
        blocks = page.with_class("block")
        kinds = [block["class"].split()[1] for block in blocks]
        self.assertEqual(
            kinds,
            [
                *("build", "passed", "failed", "failed"),
                *("build", "build", "failed", "flaky", "skipped", "lost"),
            ],
        )
        self.assertIn("The right password\npassed in 0.250 s", blocks[1]["data-tip"])

    def test_lists(self):
        """Slowest, flaky, problems and the bill have their sections."""
        page = self.page(login_run())
        self.assertIn("Slowest 0.500 s The wrong password", page.text)
        self.assertIn("passed at attempt 2; before: Worker 2 was killed", page.text)
        self.assertIn("Problems of the run Worker 2: killed by SIGKILL", page.text)
        self.assertIn("w2 0.400 s", page.text)
        self.assertIn("the longest unit, features/auth/login.feature", page.text)

    def test_hazards(self):
        """SQL that a schema does not isolate has a section, where there is any."""
        record = login_run(flaky=False, red=False)
        self.assertNotIn("Beyond the schemas", self.page(record).text)
        record.add(Finding("role", "DROP ROLE <x>", path="x.py", line=7, test="A"))
        text = self.page(record).text
        self.assertIn("Beyond the schemas 1 statement reaches beyond", text)
        self.assertIn("x.py:7 DROP ROLE <x> in A", text)

    def test_a_green_run(self):
        """Without failures there is no section of failures, nor one of problems."""
        page = self.page(login_run(flaky=False, red=False))
        self.assertIn("Passed 3 scenarios", page.text)
        self.assertNotIn("Failures", page.text)
        self.assertNotIn("Problems", page.text)
        self.assertIn("No scenario passed after it had failed.", page.text)

    def test_an_empty_run(self):
        """A run without anything in it has a page all the same."""
        self.assertIn("No scenario ran.", self.page(SampleRun(workers=0).end()).text)
        self.assertIn("Incomplete", self.page(SampleRun().record).text)
        self.assertIn("0 scenarios", self.page(RunRecord()).text)

    def test_feature_of_which_nothing_ran(self):
        """A feature that has nothing to show is not listed."""
        run = SampleRun()
        run.feature("features/auth/sign_up.feature", SIGN_UP)
        self.assertNotIn("Sign up", self.page(run.end()).text)

    def test_failed_hook_of_a_feature(self):
        """A feature that failed without a failed scenario says why it is red."""
        run = SampleRun()
        feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
        run.scenario(feature, 2, 3, "A", [step("When", "I sign up as Ada", 4)])
        run.unit(feature, failed=True)
        self.assertIn("A hook of this feature failed", self.page(run.end(1)).text)

    def test_numbers_in_any_language(self):
        """Numbers are CSS and data as well, so no language changes them."""
        with translation.override("de"):
            source = self.source(login_run())
        self.assertIn('data-seconds="0.250000"', source)
        self.assertIn("1.38 s", source)

    def test_surrogates(self):
        """Text that UTF-8 cannot hold does not stop the page."""
        run = SampleRun()
        feature = run.feature("features/auth/login.feature", LOGIN)
        run.scenario(feature, 2, 9, "odd \ud800", [background()])
        self.assertIn("odd \ufffd", self.source(run.end()))
