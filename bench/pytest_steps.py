"""The project's steps, registered with pytest-bdd: a plug-in for pytest.

The step modules import ``given``, ``when`` and ``then`` from behave. While they are
loaded here, those names collect functions instead; each is then wrapped so that it
gets pytest-bdd's arguments, and a context with what the steps use of behave's.
"""

import importlib.util
import inspect
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import parse
import pytest
import pytest_bdd
from behave.model import Table

from testing.bdd.setting_tags import settings_from_tags
from testing.conf import EngineSettings

ROOT = Path(__file__).resolve().parent.parent


class Context:
    """What the steps use of behave's context."""

    def __init__(self, base_url):
        self.base_url = base_url
        self.stack = ExitStack()
        self.text = self.table = None

    def get_url(self, path):
        return self.base_url + path

    def add_cleanup(self, function, *arguments):
        self.stack.callback(function, *arguments)


def collected_steps():
    """Return keyword, pattern and function of each of the project's steps."""
    found = []

    def collector(keyword):
        def decorator(pattern):
            def collect(function):
                found.append((keyword, pattern, function))
                return function

            return collect

        return decorator

    stand_in = ModuleType("behave")
    for keyword in ("given", "when", "then"):
        setattr(stand_in, keyword, collector(keyword))
    real = sys.modules["behave"]
    sys.modules["behave"] = stand_in
    try:
        for path in sorted((ROOT / "features" / "steps").glob("*.py")):
            spec = importlib.util.spec_from_file_location(f"steps_{path.stem}", path)
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
    finally:
        sys.modules["behave"] = real
    return found


class FirstPattern(pytest_bdd.parsers.parse):
    """A pattern that fits where no earlier one does, as behave has it."""

    def __init__(self, pattern, earlier):
        super().__init__(pattern)
        self.earlier = [pytest_bdd.parsers.parse(one) for one in earlier]

    def is_matching(self, name):
        """Tell whether behave would take this pattern for a step."""
        is_taken = any(one.is_matching(name) for one in self.earlier)
        return super().is_matching(name) and not is_taken


def adapted(function, names):
    """Return the step as pytest-bdd calls it: by the names of its arguments."""

    def step(context, datatable, docstring, **arguments):
        context.text = docstring
        context.table = datatable and Table(datatable[0], rows=datatable[1:])
        function(context, **arguments)

    wanted = ["context", "datatable", "docstring", *names]
    step.__signature__ = inspect.Signature(
        [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            for name in wanted
        ]
    )
    return step


@pytest.fixture
def datatable():
    """No table, where a step has none."""


@pytest.fixture
def docstring():
    """No text, where a step has none."""


@pytest.fixture
def context(transactional_db, live_server):  # noqa: ARG001 - its name brings it
    """Make a context for each scenario, on pytest-django's server and database."""
    from features import environment as own

    found = Context(live_server.url)
    own.before_scenario(found, None)
    with found.stack:
        yield found
    for function in EngineSettings.load().reset_functions():
        function()


def pytest_bdd_before_scenario(request, feature, scenario):
    """Put the settings in force that a scenario's tags ask for."""
    found = request.getfixturevalue("context")
    values = settings_from_tags({*feature.tags, *scenario.tags})
    put_in_force = EngineSettings.load().setting_tags_function()
    found.stack.enter_context(put_in_force(**values))


@pytest.hookimpl(tryfirst=True)
def pytest_bdd_apply_tag(tag, function):  # noqa: ARG001 - named by pytest-bdd
    """Keep tags from becoming marks."""
    return True


def pytest_configure(config):
    """Register the steps, once Django is set up."""
    config.pluginmanager.register(step_plugin(), "project_steps")


def step_plugin():
    """Return a module that holds every step as pytest-bdd's fixtures."""
    module = ModuleType("project_steps")
    earlier = {"given": [], "when": [], "then": []}
    for keyword, pattern, function in collected_steps():
        module.step = adapted(function, parse.compile(pattern).named_fields)
        fits = parse.compile(pattern)
        # Those alone that it might stand in the way of: asking takes time.
        rivals = [one for one in earlier[keyword] if fits.parse(one)]
        chosen = FirstPattern(pattern, rivals)
        earlier[keyword].append(pattern)
        module.named = getattr(pytest_bdd, keyword)(chosen)
        # A fixture goes to the names of the module whose code calls this.
        exec("named(step)", module.__dict__)
    return module
