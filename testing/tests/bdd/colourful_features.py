"""Features in which everything happens that behave can report."""

ENVIRONMENT = """
import logging

# Alike with and without Django, which sets up logging of its own.
logging.getLogger().handlers[:] = [logging.NullHandler()]


def before_all(context):
    print("before_all speaks")


def before_feature(context, feature):
    print("before_feature speaks", feature.name)
    if "bad_feature" in feature.tags:
        raise RuntimeError("before_feature broke")


def before_tag(context, tag):
    if tag == "bad_tag":
        raise RuntimeError("before_tag broke")


def before_scenario(context, scenario):
    print("before_scenario speaks")
    if "bad_before" in scenario.tags:
        raise RuntimeError("before_scenario broke")
    if "skipped_by_hook" in scenario.tags:
        scenario.skip("for a reason")


def after_scenario(context, scenario):
    if "bad_after" in scenario.tags:
        raise RuntimeError("after_scenario broke")


def after_step(context, step):
    if step.name == "a step whose hook breaks":
        raise RuntimeError("after_step broke")


def after_feature(context, feature):
    if "bad_end" in feature.tags:
        raise RuntimeError("after_feature broke")


def after_all(context):
    print("after_all speaks")
"""

STEPS = """
import logging
import sys

from behave import given, step, then, when, use_step_matcher
from behave.api.pending_step import StepNotImplementedError


@step("a step that passes")
def passes(context):
    pass


@when("{name:w} has {count:d} things and {price:f}")
def typed(context, name, count, price):
    context.count = count


@step("a step that fails")
def fails(context):
    print("printed before the failure")
    sys.stderr.write("written before the failure\\n")
    logging.getLogger("colour").warning("logged before the failure")
    assert 1 == 2, "one is not two"


@step("a step that fails without a text")
def fails_silently(context):
    assert False


@step("a step that breaks")
def breaks(context):
    inner()


def inner():
    try:
        {}["missing"]
    except KeyError as error:
        raise ValueError("broken \\u00fc 100 % {x}") from error


class OddError(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


@step("a step of a class of its own")
def own_class(context):
    raise OddError(1, 2)


@step("a step that is pending")
def pending(context):
    raise StepNotImplementedError("later")


@step("a step whose hook breaks")
def hook_breaks(context):
    pass


@step("a cleanup that breaks")
def cleanup_breaks(context):
    def broken_cleanup():
        raise RuntimeError("cleanup broke")
    context.add_cleanup(broken_cleanup)


@step("a step that skips the rest")
def skips(context):
    context.scenario.skip("no need")


@step("an attachment")
def attaches(context):
    context.attach("text/plain", b"attached \\xc3\\xbc")
    context.attach("image/png", b"\\x89PNG\\x00")


@step("a table")
def table(context):
    assert [row["a"] for row in context.table] == ["1", "2"]


@step("a text")
def text(context):
    assert "lines" in context.text, context.text


@step("nested steps")
def nested(context):
    context.execute_steps("Given a step that passes\\nThen a step that prints")


@step("a step that prints")
def prints(context):
    print("spoken by a step")
"""

FIRST = '''@one @two
Feature: First
  A description
  of two lines.

  Background: Common
    Given a step that passes

  Scenario: All is well
    When Ann has 5 things and 1.5
    Then a step that prints

  @three
  Scenario: Failing
    When a step that fails
    Then a step that passes
    And nobody knows this step

  Scenario: Failing without a text
    When a step that fails without a text

  Scenario: Breaking
    When a step that breaks

  Scenario: Class of its own
    When a step of a class of its own

  Scenario: Undefined
    When nobody knows this step
    And nor "this" one with 5 words
    Then a step that passes

  Scenario: Pending
    When a step that is pending

  @skipped_by_hook
  Scenario: Skipped by a hook
    When a step that fails

  Scenario: Skipped by a step
    When a step that skips the rest
    Then a step that fails

  @bad_before
  Scenario: Hook before
    Given a step that passes

  @bad_after
  Scenario: Hook after
    Given a step that passes

  @bad_tag
  Scenario: Hook of a tag
    Given a step that passes

  Scenario: Hook of a step
    Given a step whose hook breaks
    Then a step that passes

  @bad_cleanup
  Scenario: Cleanup
    Given a cleanup that breaks
    Then a step that prints

  Scenario: Attachments, tables and texts
    Given an attachment
    And a table
      | a | b    |
      | 1 | x \\| |
      | 2 |      |
    And a text
      """
      two
        lines
      """
    And nested steps

  @skip_me
  Scenario: Not selected
    When a step that fails

  @outlined @row.<b>
  Scenario Outline: Outline of <a>
    When <a> has <b> things and 0.5
    Then a step that <c>

    @good_rows
    Examples: Good ones
      | a   | b | c      |
      | Ann | 1 | passes |
      | Bob | 2 | fails  |

    Examples: Bad ones
      | a   | b | c      |
      | Cid | x | passes |
'''

SECOND = """Feature: Second

  Background:
    Given a step that passes

  Rule: Of one
    Background: More
      Given a step that prints

    Scenario: In a rule
      Then a step that passes

    Scenario: Failing in a rule
      Then a step that fails

  Rule: Of another
    Scenario Outline: Rows
      Then a step that <what>
      Examples:
        | what   |
        | passes |
        | breaks |
"""

FILES = {
    "environment.py": ENVIRONMENT,
    "steps/steps.py": STEPS,
    "a/first.feature": FIRST,
    "b/second.feature": SECOND,
    "c/bad_feature.feature": "@bad_feature\nFeature: Third\n"
    "  Scenario: Never\n    Given a step that passes\n",
    "c/bad_end.feature": "@bad_end\nFeature: Fourth\n"
    "  Scenario: Well\n    Given a step that passes\n",
    "c/empty.feature": "Feature: Fifth without scenarios\n",
    "d/german.feature": "# language: de\nFunktionalität: Sechstes ü\n"
    "  Szenario: Gut\n    Gegeben sei a step that passes\n",
    "d/unselected.feature": "@skip_me\nFeature: Seventh\n"
    "  Scenario: Not selected\n    Given a step that fails\n",
}
