"""Hooks that give Django to runners of behave which know nothing of it.

It is what behave's documentation advises for Django by hand: set Django up, make
the test database, start a live server for each scenario and flush afterwards. A
process makes its database once, although behavex calls ``before_all`` for each
feature.
"""

import os

import django

django.setup()

from behave_django.testcase import BehaviorDrivenTestCase  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402

from features import environment as own  # noqa: E402
from testing.bdd.setting_tags import settings_from_tags  # noqa: E402
from testing.conf import EngineSettings  # noqa: E402

READY = []


def before_all(context):
    if not READY:
        settings.DATABASES["default"]["TEST"]["NAME"] = f"peer_{os.getpid()}"
        runner = DiscoverRunner(interactive=False, verbosity=0)
        runner.setup_test_environment()
        runner.setup_databases()
        READY.append(runner)
    own.before_all(context)


def before_feature(context, feature):
    own.before_feature(context, feature)


def before_scenario(context, scenario):
    own.before_scenario(context, scenario)
    context.test = BehaviorDrivenTestCase()
    context.test._pre_setup(run=True)
    context.test.setUpClass()
    context.get_url = lambda path: context.test.live_server_url + path
    tags = settings_from_tags(scenario.effective_tags)
    context.overrides = EngineSettings.load().setting_tags_function()(**tags)
    context.overrides.__enter__()


def after_scenario(context, _scenario):
    context.overrides.__exit__(None, None, None)
    context.test.tearDownClass()
    context.test.doClassCleanups()
    context.test._post_teardown(run=True)
    for function in EngineSettings.load().reset_functions():
        function()


def after_all(context):
    own.after_all(context)
