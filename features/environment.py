"""Hooks of the BDD suite; per-scenario state is put back by its own cleanups."""

import sys

from features.browser import Browser, executable

BROWSER_TAG = "browser"
NO_BROWSER = (
    "warning: no browser was found, so the features tagged @browser are left out. "
    "Next: install one (Debian: apt-get install chromium)\n"
)


def before_all(context):
    """Have a browser ready to be started, and say so where there is none."""
    context.browser = Browser()
    if executable() is None:
        sys.stdout.write(NO_BROWSER)


def before_feature(context, feature):
    """Leave out what needs a browser where there is none."""
    if BROWSER_TAG in feature.tags and executable() is None:
        # Without a reason: behave would log it once for each scenario.
        feature.skip()


def before_scenario(context, scenario):
    """Start each scenario with nobody signed in and nothing answered."""
    context.token = None
    context.tokens = {}
    context.address = None
    context.answer = None
    context.answers = []
    context.accounts = {}


def after_all(context):
    """Close the browser, if a scenario has opened it."""
    context.browser.close()
