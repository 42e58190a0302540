"""Steps that call for the end of the process fail instead."""

from types import SimpleNamespace
from unittest import TestCase

from testing.bdd.guarded_steps import GuardedSteps, StepExited


class Registry:
    """A registry that finds one function under its name."""

    kind = "behave's"

    def __init__(self, function):
        self.match = SimpleNamespace(func=function, location="here")

    def find_match(self, step):
        return self.match if step == "known" else None


class GuardedStepsTests(TestCase):
    def test_exits(self):
        """`sys.exit()` in a step is an error that names it, with its cause."""
        for error in (SystemExit(3), GeneratorExit("enough")):

            def leave(context, error=error):
                raise error

            with self.subTest(error=error):
                match = GuardedSteps(Registry(leave)).find_match("known")
                with self.assertRaises(StepExited) as caught:
                    match.func(None)
                self.assertEqual(
                    str(caught.exception), f"{type(error).__name__}: {error}"
                )
                self.assertIs(caught.exception.__cause__, error)

    def test_everything_else(self):
        """Results, arguments, errors and Ctrl-C go through unchanged."""

        def step(context, *, number):
            """Say how a step reads."""
            return context, number

        registry = Registry(step)
        guarded = GuardedSteps(registry)
        match = guarded.find_match("known")
        self.assertEqual(match.func("context", number=5), ("context", 5))
        self.assertEqual(match.func.__doc__, step.__doc__)
        self.assertEqual(match.location, "here")
        self.assertIs(registry.match.func, step)
        for error in (ValueError, KeyboardInterrupt):

            def broken(context, error=error):
                raise error("x")

            with self.assertRaises(error):
                GuardedSteps(Registry(broken)).find_match("known").func(None)

    def test_no_function(self):
        """An undefined step stays undefined; other attributes are the registry's."""
        guarded = GuardedSteps(Registry(None))
        self.assertIsNone(guarded.find_match("unknown"))
        self.assertIsNone(guarded.find_match("known").func)
        self.assertEqual(guarded.kind, "behave's")
