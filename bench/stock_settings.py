"""dancecoach's settings without this project's engine, for stock behave-django."""

from dancecoach.settings import *  # noqa: F403 - all of them, then less
from dancecoach.settings import DATABASES, INSTALLED_APPS, TESTING

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "testing"]
TEST_RUNNER = "django.test.runner.DiscoverRunner"
# What the engine puts in force during tests is in force here from the start.
globals().update(TESTING["OVERRIDES"])
# A database of its own: stock destroys the one it finds.
DATABASES["default"].setdefault("TEST", {})["NAME"] = "stock_dancecoach"
