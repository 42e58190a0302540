"""The project's settings with the engine under its tests chosen from outside."""

import os

from dancecoach.settings import *  # noqa: F403
from dancecoach.settings import TESTING as USUAL

TESTING = {**USUAL, "ISOLATION": os.environ.get("BENCH_ISOLATION", "schema")}
