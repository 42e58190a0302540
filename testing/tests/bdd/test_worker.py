"""A worker that could not be set up gives back what it has, and runs no hook."""

from unittest import TestCase, mock

from testing.bdd.worker import FeatureRole


class FinishTests(TestCase):
    def role(self, **changed):
        self.isolation = mock.Mock()
        given = {"arguments": [], "isolation": self.isolation, "django": None}
        return FeatureRole(**given, shared={}, **changed)

    def test_not_loaded(self):
        """Features that could not be loaded leave nothing but a place."""
        self.assertEqual(self.role().finish(), {})
        self.isolation.leave.assert_called_once_with()

    def test_not_furnished(self):
        """So does a suite that was inherited and never begun."""
        runner = mock.Mock(context=None)
        self.assertEqual(self.role(loaded=(runner, [])).finish(), {})
        runner.end.assert_not_called()
        self.isolation.leave.assert_called_once_with()

    def test_nothing_runs(self):
        """Between two scenarios there is nothing to tell the watchdog."""
        role = self.role()
        role.listener = mock.Mock(present=None)
        self.assertEqual(role._so_far(), {})

    def test_hazards(self):
        """The watch over statements ends with the worker, whatever else fails."""
        runner = mock.Mock()
        runner.end.side_effect = ValueError("a hook of behave's own")
        role = self.role(loaded=(runner, []), hazards=mock.Mock())
        with self.assertRaises(ValueError):
            role.finish()
        role.hazards.end.assert_called_once_with()
        self.isolation.leave.assert_called_once_with()
