"""A feature run in several units reads as if one process had run it."""

from unittest import TestCase

from testing.bdd.assembly import Assembly
from testing.tests.bdd.console_facts import unit
from testing.tests.bdd.engine_case import EngineCase
from testing.tests.bdd.unit_cases import parse
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
RULES = """Feature: Third
  Scenario: Before any rule
    Given all is well

  Rule: One rule
    Background:
      Given all is well
    Scenario: Kept
      Then all is well
    Scenario: Broken
      Then all is lost

  Rule: Another rule
    Scenario: Kept as well
      Then all is well
"""
HOOKS = """
def before_feature(context, feature):
    feature.where = context.shared
"""


class StatesTests(TestCase):
    """What several units say of their feature, put together."""

    def assembly(self, *words):
        assembly = Assembly(parse(RULES)[0])
        for place, states in enumerate(words, 1):
            assembly.add_unit(unit(places=[place], states=states))
        return assembly

    def test_what_went_wrong_stays(self):
        """A broken hook of one unit is the feature's status; all its time counts."""
        first = {"status": "hook_error", "run_starttime": 5.0, "run_endtime": 6.0}
        second = {"status": "passed", "run_starttime": 2.0, "run_endtime": 3.0}
        merged = {"status": "hook_error", "run_starttime": 2.0, "run_endtime": 6.0}
        for words in (([[0, first]], [[0, second]]), ([[0, second]], [[0, first]])):
            with self.subTest(words=words):
                self.assertEqual(self.assembly(*words).states(), [[0, merged]])

    def test_status_of_the_feature(self):
        """Else the parent works it out: no unit knows what the others came to."""
        times = {"run_starttime": 5.0, "run_endtime": 6.0}
        words = [[[0, {"status": "passed", **times}]]] * 2
        self.assertEqual(self.assembly(*words).states(), [[0, times]])

    def test_scenarios(self):
        """A scenario's own state is taken as it is, from the first that knows it."""
        scenario = {"status": "failed"}
        words = [[1, scenario]], [[1, {"status": "untested"}]]
        self.assertEqual(self.assembly(*words).states(), [[1, scenario]])

    def test_nobody_lived_to_tell(self):
        """A feature whose units all died is announced all the same."""
        text = "Feature: F\n  Background:\n    * a\n  Scenario: S\n    * b\n"
        ((_, opening), *_) = Assembly(parse(text)[0]).parts()
        names = [name for name, _, _ in opening]
        self.assertEqual(names, ["uri", "feature", "background"])
        ((_, opening), *_) = Assembly(parse(RULES)[0]).parts()
        self.assertEqual([name for name, _, _ in opening], ["uri", "feature"])


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
                "c.feature": RULES,
                "environment.py": HOOKS,
            }
        )
        status, out, texts = self.report("whole", "-j", "1")
        self.assertEqual(status, 1, out)
        self.assertEqual(len(texts), len(FORMATS) + 3)
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
