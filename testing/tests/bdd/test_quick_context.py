"""The quick context does what behave's does, by names that behave keeps to itself."""

import warnings
from types import SimpleNamespace
from unittest import TestCase

from behave.runner import Context
from behave_django.environment import BehaveHooksMixin, PatchedContext

from testing.bdd.quick_context import QuickContext, quicken


class Owner:
    """What a context needs of a runner, which it holds weakly."""

    config = SimpleNamespace(verbose=True, should_capture_hooks=lambda: False)


OWNER = Owner()


def made(*, quick):
    """Return a context of behave-django's."""
    context = Context(OWNER)
    BehaveHooksMixin().patch_context(context)
    if quick:
        quicken(context)
    return context


def tell_story(context):
    """Set attributes in several layers and modes; return all that is known then."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        context.feature = "greetings"
        with context.use_with_user_mode():
            context.friend = "Ann"
            context._push("scenario")
            context.friend = "Ben"
            context.text = "masks what behave has set"
            context.friend = "Cid"
        context.friend = "behave masks the user"
        context._own = 1
    records = {name: tuple(record)[:3] for name, record in context._record.items()}
    told = [(str(one.message), one.lineno, one.filename) for one in caught]
    return context._stack, context._origin, records, told, context._own


class QuickContextTests(TestCase):
    maxDiff = None

    def test_same(self):
        """Values, origins, places and warnings are those of behave's own context."""
        plain, quick = made(quick=False), made(quick=True)
        self.assertIs(type(plain), PatchedContext)
        self.assertIs(type(quick), QuickContext)
        stack, origins, records, told, own = tell_story(plain)
        with self.subTest("warnings are given"):
            self.assertEqual(len(told), 4)
        quick_stack, *rest = tell_story(quick)
        self.assertEqual(rest, [origins, records, told, own])
        for mine, its in zip(quick_stack[:-1], stack[:-1], strict=True):
            self.assertEqual(mine, its)
        self.assertEqual(quick.friend, "behave masks the user")

    def test_read_and_delete(self):
        """What was set is found, told of and deleted as before."""
        context = made(quick=True)
        context.friend = "Ann"
        self.assertIn("friend", context)
        del context.friend
        self.assertNotIn("friend", context)

    def test_own_class(self):
        """A context of the project's own class is left alone."""

        class Own(PatchedContext):
            pass

        context = made(quick=False)
        object.__setattr__(context, "__class__", Own)
        quicken(context)
        self.assertIs(type(context), Own)
