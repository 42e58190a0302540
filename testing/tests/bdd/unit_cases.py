"""Parsed features and histories for tests of units, their order and shards."""

from pathlib import Path
from types import SimpleNamespace

from behave.configuration import Configuration
from behave.parser import parse_feature

from testing.bdd.feature_file import FeatureFile
from testing.bdd.history import History
from testing.bdd.plan import make_units


class Registry:
    """Finds step functions by the first number in a step's name."""

    def find_match(self, step):
        *_, last = step.name.split()
        if not last.isdecimal():
            return None
        line = int(last)
        return SimpleNamespace(location=SimpleNamespace(filename="s.py", line=line))


def parse(*texts):
    """Parse features; their files are called f0.feature, f1.feature and so on."""
    return [
        FeatureFile(parse_feature(text, filename=f"f{number}.feature"), text=text)
        for number, text in enumerate(texts)
    ]


def history(**fields):
    return History(Path("nowhere"), **fields)


def units_of(features, *arguments, known=None, parallel_by="feature"):
    return make_units(
        features,
        Configuration([*arguments], load_config=False),
        history=known or history(),
        registry=Registry(),
        parallel_by=parallel_by,
    )


MIXED = """Feature: Mixed
  Scenario: One
    * step 1
  @serial
  Scenario: Two
    * step 2
  @reads.mail
  Scenario: Three
    * step 3
  Scenario Outline: Rows
    * step <n>
    Examples:
      | n |
      | 4 |
      | 5 |
"""
SERIAL = """@serial @writes.clock
Feature: Serial
  Scenario: One
    * step 1
  Scenario: Two
    * step 2
"""
TAGGED = """Feature: Tagged
  @slow
  Scenario: One
    * step 1
  Scenario: Two
    * step 2
  Scenario: Three
    * step 3
"""
