"""Hazards in features: each is named once, with code and scenario."""

import re

from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.hazard_suite import PLANTED, URLS, line_of, steps, word


class HazardFeaturesTests(EngineCase):
    def setUp(self):
        super().setUp()
        self.write({"steps/hazards.py": steps()})
        (self.place / "hazard_urls.py").write_text(URLS)
        self.configure(ROOT_URLCONF="hazard_urls")

    def configure(self, *, accepted=(), mode="report", **settings):
        path = self.place / "engine_settings.py"
        with path.open("a") as file:
            for name, value in settings.items():
                file.write(f"{name} = {value!r}\n")
            file.write(f'TESTING["HAZARDS"] = {mode!r}\n')
            file.write(f'TESTING["HAZARDS_ACCEPTED"] = {accepted!r}\n')

    def block(self, error):
        """Return the lines of the block about hazards."""
        return error[error.index("     Hazards  ") :].splitlines()

    def test_each_kind(self):
        """Each is told once, by kind, with statement, line of code and scenario."""
        met = [f"I meet {word(kind)}" for kind in PLANTED]
        self.write({"a.feature": feature("A", *met, "all is clean", met[0])})
        status, record, error = self.record()
        self.assertEqual(status, 0, error)
        block = self.block(error)
        self.assertIn(f"{len(PLANTED)} statements reach beyond", block[0])
        for number, (kind, statement) in enumerate(PLANTED.items(), start=1):
            with self.subTest(kind=kind):
                place = f"steps/hazards.py:{line_of(steps(), statement)}  {statement}"
                (index,) = (n for n, line in enumerate(block) if line.endswith(place))
                self.assertRegex(
                    block[index + 1], rf"^ +in \S+/a\.feature:\d+ A {number}\b"
                )
                self.assertIn(f"{kind}: ", "\n".join(block[index - 2 : index]))
        self.assertEqual(sum("Next: " in line for line in block), len(PLANTED))
        self.assertIn(", and in 1 more", "\n".join(block))
        self.assertEqual(len(record.hazards), len(PLANTED) + 1)

    def test_server_and_hooks(self):
        """What a view sends belongs to the scenario that asks, hooks to their scope."""
        send = (
            "    connection.cursor().execute('SELECT pg_notify(%s, %s)', ['a', 'b'])\n"
        )
        hooks = "from django.db import connection\n" + "".join(
            f"def {name}:\n{send}"
            for name in (
                "before_all(context)",
                "before_feature(context, feature)",
                "after_scenario(context, scenario)",
            )
        )
        self.write(
            {
                "environment.py": hooks,
                "a.feature": feature("A", "all is clean", "I ask the server"),
            }
        )
        status, _, error = self.record("-j", "1")
        self.assertEqual(status, 0, error)
        text = re.sub(r"\s+", " ", "\n".join(self.block(error)))
        line = line_of(URLS, "SELECT pg_try_advisory_xact_lock(%s)")
        self.assertRegex(
            text,
            rf"hazard_urls\.py:{line} SELECT pg_try_advisory_xact_lock\(%s\)"
            r" in \S+a\.feature:\d+ A 2",
        )
        for line, test in (
            (3, "hooks of the run"),
            (5, r"hooks of \S+a\.feature"),
            (7, r"\S+a\.feature:\d+ A 1, and in 1 more"),
        ):
            place = rf"environment\.py:{line} SELECT pg_notify\(%s, %s\) in {test}"
            self.assertRegex(text, place)

    def test_serial_and_accepted(self):
        """What runs alone or is accepted is in order."""
        self.configure(
            accepted=["role", "notification: */steps/*.py", "server: other.py"]
        )
        self.write(
            {
                "a.feature": feature(
                    "A",
                    "@serial: I meet advisory_lock",
                    "I meet role",
                    "I meet notification",
                    "I meet server",
                )
            }
        )
        status, record, error = self.record()
        self.assertEqual(status, 0, error)
        self.assertEqual([one.hazard for one in record.hazards], ["server"])

    def test_error(self):
        """Where hazards are forbidden, the scenario fails, and so does the run."""
        self.configure(mode="error")
        self.write({"a.feature": feature("A", "all is clean", "I meet role")})
        status, record, error = self.record()
        self.assertEqual(status, 1, error)
        passed, failed = record.final_scenarios()
        self.assertEqual((passed.status, failed.status), ("passed", "failed"))
        self.assertRegex(
            failed.error,
            r"a\.feature:\d+ A 2 sends 'DROP ROLE IF EXISTS planted' at "
            r"\S+hazards\.py:\d+: role, .* Next: ",
        )
        self.assertIn("1 statement reaches beyond a worker's schema.", error)

    def test_error_swallowed(self):
        """The run fails also where the code under test lets the error pass."""
        self.configure(mode="error")
        self.write(
            {
                "steps/quiet.py": "from behave import step\n"
                "from django.db import connection\n"
                "@step('it is quiet')\n"
                "def quiet(context):\n"
                "    try:\n"
                "        connection.cursor().execute('LISTEN planted')\n"
                "    except AssertionError:\n"
                "        pass\n",
                "a.feature": feature("A", "it is quiet"),
            }
        )
        status, _, error = self.record()
        self.assertEqual(status, 1, error)
        self.assertIn("1 scenario: 1 passed", error)
        self.assertIn("TESTING['HAZARDS'] is 'error', so the run fails", error)

    def test_off(self):
        """Nobody looks where that is not wanted."""
        self.configure(mode="off")
        self.write({"a.feature": feature("A", "I meet role", "I meet public")})
        status, record, error = self.record()
        self.assertEqual(status, 0, error)
        self.assertEqual(record.hazards, [])
        self.assertNotIn("Hazards", error)

    def test_clean(self):
        """A suite without hazards names nothing."""
        self.write({"a.feature": feature("A", "all is clean", "all is well")})
        status, record, error = self.record()
        self.assertEqual(status, 0, error)
        self.assertEqual(record.hazards, [])
        self.assertNotIn("Hazards", error)
