"""Features that check what behave-django promises, and what the engine adds."""

ENVIRONMENT = """
import time
from behave import fixture
from django.contrib.auth.models import Group
from django.core.cache import cache


def names():
    return sorted(Group.objects.values_list("name", flat=True))


def before_all(context):
    Group.objects.create(name="of all")
    context.fixtures.append("of_all.json")


def before_feature(context, feature):
    if "loads" in feature.tags:
        Group.objects.create(name="of the feature")


def before_rule(context, rule):
    if "loads" in rule.tags:
        Group.objects.create(name="of the rule")


def before_scenario(context, scenario):
    context.seen_before = names()
    if "more_fixtures" in scenario.tags:
        context.fixtures.append("of_scenario.json")


def django_ready(context):
    context.ready = True


def after_scenario(context, scenario):
    # The test case is still there.
    assert context.test is not None
    if "broken" in scenario.tags:
        raise RuntimeError("after_scenario broke")
"""

STEPS = """
import datetime
import time
import urllib.request
from unittest import TestCase

import time_machine
from behave import step
from behave_django.decorators import fixtures
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction

LOG = []


@step("there are the groups {names}")
def there_are(context, names):
    found = sorted(Group.objects.values_list("name", flat=True))
    expected = sorted(name.strip() for name in names.split(","))
    assert found == expected, found


@step("I make the group {name}")
def make(context, name):
    context.made = Group.objects.create(name=name)


@step("I delete every group")
def delete(context):
    Group.objects.all().delete()


@step("its id is the first one")
def first_id(context):
    ids = globals().setdefault("IDS", set())
    ids.add((str(context.feature.filename), context.made.pk))
    mine = [pk for name, pk in ids if name == str(context.feature.filename)]
    assert len(mine) == 1, ids


@step("the contract holds")
def contract(context):
    assert context.ready is True
    assert isinstance(context.test, TestCase)
    context.test.assertEqual(1, 1)
    assert context.base_url == context.test.live_server_url
    assert context.base_url.startswith("http://localhost:"), context.base_url
    assert context.get_url() == context.base_url
    assert context.get_url("/x/") == context.base_url + "/x/"
    assert context.get_url("admin:index").startswith(context.base_url + "/")
    assert context.test.client.get("/no-such-page").status_code == 404
    assert context.worker_id in (1, 2)


@step("the server answers from the same data")
def server(context):
    try:
        urllib.request.urlopen(context.get_url("/no-such-page"))
    except urllib.request.HTTPError as error:
        assert error.code == 404
        error.close()
    else:
        raise AssertionError("a page that is not there")


@step("a fixture of the step")
@fixtures("of_step.json")
def with_fixture(context):
    assert Group.objects.filter(name="of the step").exists()


@step("I leave things in memory")
def leave(context):
    assert cache.get("left") is None
    assert mail.outbox == []
    cache.set("left", 1)
    mail.send_mail("subject", "text", "a@example.org", ["b@example.org"])
    assert len(mail.outbox) == 1


@step("the setting {name} is {value}")
def setting(context, name, value):
    assert repr(getattr(settings, name)) == value, getattr(settings, name)


@step("a cleanup that still finds the data")
def cleanup(context):
    def look():
        LOG.append(Group.objects.filter(name="made here").exists())
    context.add_cleanup(look)
    Group.objects.create(name="made here")


@step("the cleanup found them")
def cleanup_found(context):
    assert LOG == [True], LOG


@step("time flies")
def time_flies(context):
    traveller = time_machine.travel(datetime.datetime(2040, 1, 1), tick=False)
    traveller.start()
    context.add_cleanup(traveller.stop)


@step("the address of the server is refused")
def refused(context):
    try:
        context.base_url
    except RuntimeError as error:
        assert "--simple" in str(error)
    else:
        raise AssertionError("there is no server")
    assert connection.in_atomic_block


@step("a transaction is rolled back at the end")
def leave_rolled_back(context):
    Group.objects.create(name="rolled back")
"""

FEATURE = """{tags}
Feature: Data of {title}

  Scenario: First
    Given there are the groups {groups}
    When I make the group mine
    Then its id is the first one
    And the contract holds
    And the server answers from the same data
    And I leave things in memory

  Scenario: Second, after the first
    Given there are the groups {groups}
    When I make the group mine
    Then its id is the first one
    And I leave things in memory
    And I delete every group

  @more_fixtures
  Scenario: Fixtures of a scenario
    Given there are the groups {groups}, of the scenario

  Scenario: Fixtures of a step
    Given a fixture of the step

  Scenario: Cleanup
    Given a cleanup that still finds the data

  Scenario: After the cleanup
    Given there are the groups {groups}
    Then the cleanup found them

  @setting.LANGUAGE_CODE=de @setting.CONN_HEALTH=1
  Scenario: Settings that do not exist are refused
    Given the setting LANGUAGE_CODE is 'de'

  @setting.LANGUAGE_CODE=de @setting.DATA_UPLOAD_MAX_NUMBER_FIELDS=5
  Scenario: Settings of a tag
    Given the setting LANGUAGE_CODE is 'de'
    And the setting DATA_UPLOAD_MAX_NUMBER_FIELDS is 5

  Scenario: Settings are put back
    Given the setting LANGUAGE_CODE is 'en-us'
    And the setting DATA_UPLOAD_MAX_NUMBER_FIELDS is 1000

  Scenario: Time travel
    Given time flies
    Then there are the groups {groups}

  @loads
  Rule: With data of its own
    Scenario: One
      Given there are the groups {groups}, of the rule
      When I delete every group
    Scenario: Two
      Given there are the groups {groups}, of the rule

  Rule: Without
    Scenario: Three
      Given there are the groups {groups}
"""

SIMPLE = """Feature: Simple
  Scenario: One
    Given the address of the server is refused
    And a transaction is rolled back at the end
  Scenario: Two
    Given there are the groups of all, of the fixture
"""


def fixture_of(name):
    """Return a fixture with one group."""
    return f'[{{"model": "auth.group", "fields": {{"name": "{name}"}}}}]'


ALWAYS = "of all, of the fixture"
FILES = {
    "features/environment.py": ENVIRONMENT,
    "features/steps/steps.py": STEPS,
    "features/plain.feature": FEATURE.format(tags="", title="one", groups=ALWAYS),
    "features/loading.feature": FEATURE.format(
        tags="@loads", title="another", groups=f"{ALWAYS}, of the feature"
    ),
    "fixtures/of_all.json": fixture_of("of the fixture"),
    "fixtures/of_scenario.json": fixture_of("of the scenario"),
    "fixtures/of_step.json": fixture_of("of the step"),
}
