"""behave's runner in a worker, with Django's contract around each scenario.

The contract is behave-django's: ``context.test``, ``base_url``, ``get_url``,
fixtures, ``django_ready``. It is met by wrapping hook functions when they are
loaded; no class of behave or behave-django is changed.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Any

from behave.configuration import Configuration
from behave.model import Feature
from behave.runner import Context, Runner
from behave.step_registry import registry

from testing.bdd.guarded_steps import GuardedSteps
from testing.bdd.isolation import DjangoHooks, ExistingDatabase, Isolation
from testing.bdd.quick_context import quicken
from testing.bdd.setting_tags import override, settings_from_tags

__all__ = ["ScenarioRunner"]

Hook = Callable[..., None]

# Hooks after which what was loaded stays for the scope that the hook opens.
SCOPES = ("before_feature", "before_rule")


class ScenarioRunner(Runner):  # type: ignore[misc]
    """Runs features one at a time, on request."""

    def __init__(self, config: Configuration) -> None:
        super().__init__(config)
        # Named at once: before_scenario looks for fixtures of steps.
        self.step_registry = GuardedSteps(registry)
        self.django: DjangoHooks = None
        # A worker gives it its own before it runs anything.
        self.isolation: Isolation = ExistingDatabase()
        self.worker_id = 0
        # Set when no further scenario shall begin.
        self.halt: Any = None
        # Called when a scenario's own work is over and its data still there.
        self.before_reset: Callable[[], None] = _do_nothing
        # Told how long the reset took when a scenario is over, in seconds.
        self.on_scenario_end: Callable[[float], None] = _do_nothing
        # Called when what hooks loaded for a scope is there, and when it is gone.
        self.on_scope_open: Callable[[], None] = _do_nothing
        self.on_scope_close: Callable[[], None] = _do_nothing
        # What puts the settings of tags in force.
        self.override: Callable[..., AbstractContextManager[Any]] = override
        self.shared: dict[str, Any] = {}
        # Whether hooks or steps of the present scenario have run.
        self._touched = False
        # How many scopes of the baseline are open.
        self._depth = 0
        self._overrides = ExitStack()
        self._step_began = 0.0
        self._step_ended = 0.0

    @property
    def aborted(self) -> bool:
        """Whether nothing more shall run: by a hook's failure or by the user."""
        return bool(super().aborted or (self.halt is not None and self.halt.is_set()))

    @aborted.setter
    def aborted(self, value: bool) -> None:
        Runner.aborted.fset(self, value)

    def load(self) -> None:
        """Find and load hooks and steps; behave's own errors come through.

        The search path stays extended until :meth:`unload`, since steps may import
        at any time.
        """
        self.path_manager.__enter__()
        self.setup_paths()
        self.context = Context(self)
        self.load_hooks()
        self.load_step_definitions()

    def unload(self) -> None:
        """Take from the search path what loading has put there."""
        # A hook may have taken something away before.
        with suppress(ValueError):
            self.path_manager.__exit__()

    def load_hooks(self, filename: str | None = None) -> None:
        """Load the project's hooks and put Django's contract around them."""
        super().load_hooks(filename)
        hooks = self.hooks
        self.loads_for_scopes = not hooks.keys().isdisjoint({*SCOPES, "before_tag"})
        hooks["before_scenario"] = self._around_before(hooks.get("before_scenario"))
        hooks["after_scenario"] = self._around_after(hooks.get("after_scenario"))
        for name in SCOPES:
            hooks[name] = self._with_own_fixtures(hooks.get(name))
        # behave leaves out hooks that do not exist; this one ends a scope.
        hooks.setdefault("after_rule", _do_nothing)

    def run_hook(self, hook_name: str, *args: Any) -> Any:
        """Run a hook; behave needs its verdict."""
        if hook_name == "after_step":
            self._step_ended = time.perf_counter()
        passed = super().run_hook(hook_name, *args)
        if hook_name == "before_step":
            self._step_began = time.perf_counter()
        elif hook_name == "before_scenario":
            self._touched = True
        elif hook_name in SCOPES:
            self._open_scope()
        elif hook_name == "after_rule":
            self._close_scope()
        return passed

    def step_duration(self) -> float:
        """Return how long the latest step took, in seconds, whatever the clock says.

        behave asks the wall clock, which tests are free to move.
        """
        return max(self._step_ended - self._step_began, 0.0)

    def teardown_capture(self) -> None:
        """End a scenario: behave calls this last, after all cleanups."""
        super().teardown_capture()
        self.before_reset()
        began = time.perf_counter()
        if self._touched:
            self.isolation.reset()
        self._touched = False
        self.on_scenario_end(time.perf_counter() - began)

    def start(self) -> bool:
        """Run before_all and before_worker; returns whether both passed."""
        self.hook_failures = 0
        self.django.patch_context(self.context)
        quicken(self.context)
        with self.context.use_with_user_mode():
            self.context.worker_id = self.worker_id
            self.context.shared = self.shared
            self.context.fixtures = []
        passed = self.run_hook("before_all") and self.run_hook("before_worker")
        return bool(passed) and not self.aborted

    def run_unit(self, feature: Feature) -> bool:
        """Run one feature; returns whether it failed."""
        self.feature = feature
        for formatter in self.formatters:
            formatter.uri(feature.filename)
        failed = bool(feature.run(self))
        while self._depth:
            self._close_scope()
        return failed

    def end(self) -> bool:
        """Run the closing hooks and last cleanups; returns whether a cleanup failed."""
        self.run_hook_with_capture("after_worker")
        self.run_hook_with_capture("after_all")
        try:
            self.context._do_remaining_cleanups()  # noqa: SLF001 - test_scenario_runner
        except Exception:  # noqa: BLE001 - behave has printed it
            return True
        return False

    def _open_scope(self) -> None:
        if self.loads_for_scopes:
            self.isolation.push()
            self._depth += 1
            self.on_scope_open()

    def _close_scope(self) -> None:
        if self._depth:
            self.isolation.pop()
            self._depth -= 1
            self.on_scope_close()

    def _around_before(self, hook: Hook | None) -> Hook:
        @_like(hook)
        def before_scenario(context: Context, scenario: Any) -> None:
            if wanted := settings_from_tags(scenario.effective_tags):
                self._overrides.enter_context(self.override(**wanted))
            context.fixtures = list(getattr(context, "fixtures", []))
            try:
                if hook:
                    hook(context, scenario)
            finally:
                self.isolation.settle()
                # Also after a failure: after_scenario may rely on context.test.
                self.django.setup_testclass(context)
                self.django.setup_fixtures(context)
                self.django.setup_test(context)
            if "django_ready" in self.hooks:
                self.hooks["django_ready"](context)

        return before_scenario

    def _around_after(self, hook: Hook | None) -> Hook:
        @_like(hook)
        def after_scenario(context: Context, scenario: Any) -> None:
            try:
                if hook:
                    hook(context, scenario)
            finally:
                if "test" in context:
                    self.django.teardown_test(context)
                self._overrides.close()

        return after_scenario

    def _with_own_fixtures(self, hook: Hook | None) -> Hook:
        """Give each scope its own list, so that a change ends with the scope."""

        @_like(hook)
        def before_scope(context: Context, statement: Any) -> None:
            context.fixtures = list(getattr(context, "fixtures", []))
            if hook:
                hook(context, statement)

        return before_scope


def _do_nothing(*_: Any) -> None:
    """Stand in for a hook that the project does not have."""


def _like(hook: Hook | None) -> Callable[[Hook], Hook]:
    """Give a wrapper the hook's name and its switches for capturing."""

    def decorate(wrapper: Hook) -> Hook:
        return functools.wraps(hook)(wrapper) if hook else wrapper

    return decorate
