"""A dead worker's unit: what is tried again, what goes on, what has failed."""

from dataclasses import replace
from unittest import TestCase, mock

from testing.bdd.assembly import Assembly
from testing.bdd.replay import Outcome
from testing.bdd.takeover import Death, Takeover
from testing.bdd.units import Unit
from testing.tests.bdd.console_facts import step
from testing.tests.bdd.unit_cases import MIXED, parse

# The places of the five scenarios of MIXED.
PLACES = (1, 3, 5, 8, 10)


class TakeoverTests(TestCase):
    def setUp(self):
        super().setUp()
        self.assembly = Assembly(
            parse(MIXED)[0], expected=set(PLACES), selected=set(PLACES), open_units=1
        )
        self.outcome = Outcome()
        self.console = mock.Mock()
        self.waiting, self.told = [], []
        self.takeover = Takeover(
            assemblies=[self.assembly],
            outcome=self.outcome,
            console=self.console,
            put=self.waiting.append,
            tell=self.told.append,
            began=0.0,
        )

    def die(self, unit=None, **changed):
        """Let a worker die in the third scenario; returns what was said."""
        death = Death(
            worker_id=2,
            schema="test_w2",
            unit=unit or Unit(feature=0, places=PLACES),
            place=5,
            finished=frozenset({1, 3}),
            reason="was killed by SIGKILL",
            is_timeout=False,
            began=1.0,
        )
        self.takeover.take_over(replace(death, **changed))
        return self.console.problem.call_args.args[0]

    def test_places(self):
        """The places that these tests rely on are those of the scenarios."""
        found = self.assembly.statements
        scenarios = tuple(p for p, s in enumerate(found) if s.type == "scenario")
        self.assertEqual(scenarios, PLACES)

    def test_first_death(self):
        """The scenario is tried again, alone; what had not begun goes elsewhere."""
        said = self.die()
        self.assertEqual(
            said,
            "Worker 2 was killed by SIGKILL\n"
            "  in f0.feature:8 Three; it is tried once more, alone.",
        )
        rest, again = self.waiting
        self.assertEqual((rest.places, rest.deaths, rest.is_alone), ((8, 10), 0, False))
        self.assertEqual((again.places, again.deaths, again.attempt), ((5,), 1, 2))
        self.assertIs(again.is_alone, True)
        self.assertEqual((self.told, self.outcome.lost), ([], []))
        self.assertEqual(self.assembly.open_units, 0)

    def test_second_death(self):
        """A scenario that kills again has that for its result."""
        unit = Unit(feature=0, places=(5,), deaths=1, attempt=2, is_alone=True)
        said = self.die(unit, finished=frozenset())
        self.assertTrue(said.endswith("Three; it counts as failed."), said)
        self.assertEqual(self.waiting, [])
        (fact,) = self.told
        self.assertEqual((fact.status, fact.attempt, fact.place), ("lost", 2, 5))
        self.assertEqual(fact.error, "Worker 2 was killed by SIGKILL")
        self.assertEqual(self.outcome.lost, ["f0.feature:8 Three"])
        self.assertNotIn(5, self.assembly.expected)

    def test_timeout(self):
        """A time-out is a result at once, told in the watchdog's words."""
        steps = (step(status="timed out", seconds=1.5),)
        segment = (["scenario", 5, []], ["step", 6, []], ["match", [[], None], []])
        reason = "Scenario took long.\nStacks"
        said = self.die(reason=reason, is_timeout=True, steps=steps, segment=segment)
        self.assertEqual(
            said, "Scenario took long.\n  in f0.feature:8 Three; it counts as failed."
        )
        (fact,) = self.told
        self.assertEqual((fact.status, fact.began), ("timed out", 1.0))
        self.assertEqual((fact.error, fact.steps), (reason, list(steps)))
        *before, (name, place, ((_, state),)), (_, _, ((_, last),)) = fact.events
        self.assertEqual((before, name, place), (list(segment), "result", 6))
        self.assertEqual((state["status"], state["duration"]), ("error", 1.5))
        self.assertEqual(state["error_message"], reason)
        self.assertEqual(last["exception"]["name"], "TimedOut")
        self.assertEqual([unit.places for unit in self.waiting], [(8, 10)])

    def test_between_scenarios(self):
        """After a death in a hook the rest goes on once; then it has failed."""
        said = self.die(place=None)
        self.assertTrue(said.endswith("what is left goes on elsewhere."), said)
        (rest,) = self.waiting
        self.assertEqual((rest.places, rest.deaths), ((5, 8, 10), 1))
        self.assertEqual(self.told, [])
        said = self.die(rest, place=None, is_timeout=True)
        self.assertTrue(said.endswith("it counts as failed."), said)
        self.assertEqual(self.waiting, [rest])
        statuses = [(fact.place, fact.status) for fact in self.told]
        self.assertEqual(statuses, [(5, "lost"), (8, "lost"), (10, "lost")])
        self.assertEqual(self.outcome.lost[0], "f0.feature")

    def test_not_selected(self):
        """What was not to run has not been lost: it is skipped, as ever."""
        self.assembly.selected = {8}
        unit = Unit(feature=0, places=PLACES, deaths=1)
        self.die(unit, place=None, finished=frozenset({1, 3}))
        self.assertEqual(
            [(fact.place, fact.status, fact.has_failed) for fact in self.told],
            [(5, "skipped", False), (8, "lost", True), (10, "skipped", False)],
        )
        rows = "f0.feature:14 Rows -- @1.1 "
        self.assertEqual(self.outcome.lost, ["f0.feature", rows])
        self.assertEqual(self.assembly.expected, {1, 3})
        for place in (5, 10):
            *_, (_, _, states) = self.assembly._events(str(place))
            self.assertEqual(
                states,
                [[place + 1, {"status": "skipped"}], [place, {"status": "skipped"}]],
            )

    def test_after_the_last_scenario(self):
        """A death with nothing left to run makes the feature fail."""
        self.die(place=None, finished=frozenset(PLACES))
        self.assertEqual((self.waiting, self.told), ([], []))
        self.assertEqual(self.outcome.lost, ["f0.feature"])
