"""A feature run in several units reads as if one process had run it."""

from testing.tests.bdd.engine_case import EngineCase
from testing.tests.project import normalised

FORMATS = ("plain", "json", "progress3", "rerun", "tags")

FIRST = """@one
Feature: First
  About everything.

  Background: Common
    Given all is well

  Scenario: All is well
    Then all is well

  @two
  Scenario: Failing
    When all is lost
    Then all is well

  Scenario Outline: Rows
    * all is <word>
    Examples: Good ones
      | word |
      | well |
    Examples: Bad ones
      | word |
      | lost |
      | well |

  @skip_me
  Scenario: Not selected
    Given all is lost

  Scenario: Undefined
    Given all is new
"""
SECOND = """Feature: Second
  Scenario: One
    Given all is well
  Scenario: Two
    Given all is well
"""
HOOKS = """
def before_feature(context, feature):
    feature.where = context.shared
"""


class SameReportsTests(EngineCase):
    def report(self, name, *options):
        place = self.place / name
        place.mkdir()
        for number, kind in enumerate(FORMATS):
            options += ("-f", kind, "-o", place / f"{number}-{kind}")
        options += ("--junit", "--junit-directory", place / "junit")
        status, out, _ = self.behave(*options, "--tags", "not @skip_me")
        texts = {
            str(path.relative_to(place)): normalised(path.read_text())
            for path in sorted(place.rglob("*"))
            if path.is_file()
        }
        return status, normalised(out), texts

    def test_every_division(self):
        """Whole features, scenarios apart, in any order: the same bytes."""
        self.write(
            {
                "a.feature": FIRST,
                "b.feature": SECOND,
                "environment.py": HOOKS,
            }
        )
        status, out, texts = self.report("whole", "-j", "1")
        self.assertEqual(status, 1, out)
        self.assertEqual(len(texts), len(FORMATS) + 2)
        for name, options in (
            ("one", ("-j", "1", "--parallel-by", "scenario")),
            ("two", ("-j", "2", "--parallel-by", "scenario", "--random", "5")),
        ):
            found_status, found_out, found = self.report(name, *options)
            self.assertEqual(found_status, 1)
            self.assertEqual(list(found), list(texts))
            for file, text in texts.items():
                with self.subTest(name=name, file=file):
                    self.assertEqual(found[file], text)
            with self.subTest(name=name):
                self.assertEqual(found_out, out)
