"""Documents and pickles of a feature's text."""

from django.test import SimpleTestCase
from gherkin.stream.id_generator import IdGenerator

from testing.bdd.reports.cases import cases_of
from testing.bdd.reports.gherkin_text import parse_feature
from testing.tests.bdd.reports.sample_record import (
    LOGIN,
    SampleRun,
    background,
    login_run,
    step,
)


class ParseFeatureTests(SimpleTestCase):
    def test_text_that_fits(self):
        """The document is the text's, a pickle for each case in its order."""
        record = login_run()
        document, pickles = parse_feature(
            record.features[0], cases_of(record), ids=IdGenerator()
        )
        self.assertEqual(document["uri"], "features/auth/login.feature")
        self.assertEqual(len(document["feature"]["children"]), 4)
        self.assertEqual([p["location"]["line"] for p in pickles], [9, 13, 28, 29])

    def test_more_steps_than_the_text_has(self):
        """Where a scenario did not run as the text says, what ran is told."""
        run = SampleRun()
        feature = run.feature("features/auth/login.feature", LOGIN)
        steps = [background(), *(step("And", f"step {n}", 10, text="t") for n in "abc")]
        run.scenario(feature, 2, 9, "A", steps, tags=["accounts", "smoke"])
        document, [pickle] = parse_feature(
            feature, cases_of(run.record), ids=IdGenerator()
        )
        self.assertEqual(len(pickle["steps"]), 4)
        self.assertEqual(pickle["steps"][1]["argument"]["docString"]["content"], "t")
        self.assertEqual(
            [tag["name"] for tag in pickle["tags"]], ["@accounts", "@smoke"]
        )
        self.assertEqual(document["feature"]["name"], feature.name)
