"""Features on databases of their own: whole runs, deaths, and two at once."""

import os
import signal

from django.db import connection

from testing.database import connect
from testing.tests.bdd.engine_case import STEPS, EngineCase, feature
from testing.tests.clone_case import CloneCase
from testing.tests.probe import prefix
from testing.tests.project import are_gone

PLACE_STEPS = """
from django.contrib.auth.models import Group
from django.db import connection


@step("I note where I am as {word:w}")
def note_place(context, word):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema()")
        place = "{}.{}".format(*cursor.fetchone())
    with open(HERE / "notes.txt", "a") as notes:
        notes.write(f"{word}={place}\\\\n")


@step("there are {count:d} groups, and I add one")
def groups(context, count):
    assert Group.objects.count() == count, list(Group.objects.all())
    Group.objects.create(name=str(count))
""".replace("\\\\n", "\\n")

ADD = "there are 0 groups, and I add one"


class DatabaseCase(CloneCase, EngineCase):
    def setUp(self):
        super().setUp()
        self.write({"steps/s.py": STEPS + PLACE_STEPS})

    def choose(self, **given):
        """Put further TESTING settings in force for the runs of this test."""
        path = self.place / "engine_settings.py"
        path.write_text(f"{path.read_text()}\nTESTING |= {given!r}\n")

    def places(self):
        """Return what steps have noted, sorted."""
        path = self.features / "notes.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return sorted(line.split("=") for line in lines)

    def write_waiting(self):
        """Write two features that wait until the test lets them go."""
        steps = (ADD, "it waits for go")
        self.write({f"{name}.feature": feature(name, *steps) for name in "ab"})

    def ways(self, record):
        return sorted({worker.way for worker in record.workers})


class WholeRunTests(DatabaseCase):
    def setUp(self):
        super().setUp()
        self.choose(ISOLATION="database")

    def test_kept_and_dropped(self):
        """Each scenario finds no trace of another; --keepdb spares the cloning."""
        texts = (f"{ADD}; I note where I am as x", ADD, ADD)
        self.write({f"{n}.feature": feature(n, *texts) for n in "abc"})
        for options, way, left in (
            (("--keepdb",), "cloned", ["template", "w1", "w2"]),
            (("--keepdb",), "kept", ["template", "w1", "w2"]),
            ((), "cloned", ["template"]),
        ):
            with self.subTest(options=options, way=way):
                status, record, error = self.record(*options)
                self.assertEqual(status, 0, error)
                self.assertEqual(self.ways(record), [way])
                self.assertEqual(self.own_databases(), left)
                for _, place in self.places():
                    self.assertRegex(place, rf"_{prefix()}_w[12]\.public$")

    def test_shared(self):
        """With BDD_SCHEMA_ISOLATION=false all scenarios are on one database."""
        self.write({"a.feature": feature("a", "I note where I am as x")})
        status, out, error = run_alone(self, BDD_SCHEMA_ISOLATION="false")
        self.assertEqual(status, 0, out + error)
        ((_, place),) = self.places()
        self.assertRegex(place, rf"_{prefix()}_shared_w1\.public$")

    def test_keep_failed(self):
        """The database of a failing scenario is copied; its psql line is told."""
        self.write({"a.feature": feature("a", f"{ADD}; all is lost", ADD)})
        status, _, error = self.record("--keep-failed")
        self.assertEqual(status, 1, error)
        self.assertRegex(error, rf"(psql .*|--dbname=\S+)_{prefix()}_failed_1")
        self.assertEqual(self.own_databases(), ["failed_1", "template"])
        with connect(connection, database=self.clone_name("failed_1")) as session:
            rows = session.execute("SELECT name FROM public.auth_group").fetchall()
        self.assertEqual(rows, [("0",)])

    def test_killed_worker(self):
        """Its scenario is tried again on a fresh clone; nothing else is lost."""
        self.write({"a.feature": feature("a", ADD, f"{ADD}; it dies once", ADD)})
        status, record, error = self.record()
        self.assertEqual(status, 0, error)
        self.assertIn("was killed by SIGKILL", error)
        self.assertEqual(len(record.final_scenarios()), 3)
        self.assertEqual(self.own_databases(), ["template"])

    def test_killed_parent(self):
        """Workers end by themselves; the next run takes their clones' names over."""
        self.write_waiting()
        process = self.start()
        pids = self.pids(2)
        self.assertEqual(self.own_databases(), ["template", "w1", "w2"])
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        self.assertTrue(are_gone(pids))
        # Another test's run may sweep what they left before this one does.
        self.assertLessEqual({*self.own_databases()}, {"template", "w1", "w2"})
        (self.features / "go").touch()
        status, record, error = self.record("-j", "1")
        self.assertEqual(status, 0, error)
        self.assertEqual(self.ways(record), ["cloned"])
        self.assertEqual(self.own_databases(), ["template"])

    def test_two_runs_at_once(self):
        """They share the template and nothing else."""
        self.write_waiting()
        first, second = self.start(), self.start()
        self.pids(4)
        self.assertEqual(self.own_databases(), ["template", "w1", "w2", "w3", "w4"])
        (self.features / "go").touch()
        for process in (first, second):
            _, error = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, error)
        self.assertEqual(self.own_databases(), ["template"])


class FallbackTests(DatabaseCase):
    def test_tagged_scenario(self):
        """It runs on a clone with what hooks had loaded; the others on schemas."""
        self.choose(FALLBACK="database")
        self.write(
            {
                "environment.py": "from django.contrib.auth.models import Group\n"
                "def before_all(context):\n    Group.objects.create(name='all')\n",
                "a.feature": feature(
                    "a",
                    "there are 1 groups, and I add one; I note where I am as usual",
                    "@database: there are 1 groups, and I add one;"
                    " I note where I am as own",
                    "@database: there are 1 groups, and I add one;"
                    " I note where I am as own",
                    "there are 1 groups, and I add one; I note where I am as usual",
                ),
            }
        )
        status, record, error = self.record("--check-leaks")
        self.assertEqual(status, 0, error)
        self.assertEqual(len(record.final_scenarios()), 4)
        places = self.places()
        self.assertEqual([who for who, _ in places], ["own", "own", "usual", "usual"])
        for who, place in places:
            ending = {"own": rf"_{prefix()}_w\d\.public", "usual": rf"\.{prefix()}_w\d"}
            self.assertRegex(place, f"{ending[who]}$")
        self.assertEqual(self.own_databases(), ["template"])

    def test_alone(self):
        """By default it runs alone, on its worker's schema."""
        self.write(
            {
                "a.feature": feature(
                    "a", ADD, f"@database: {ADD}; I note where I am as x"
                )
            }
        )
        status, _, error = self.record()
        self.assertEqual(status, 0, error)
        ((_, place),) = self.places()
        self.assertRegex(place, rf"\.{prefix()}_w\d$")
        self.assertEqual(self.own_databases(), [])


def run_alone(case, **variables):
    """Run behave with one worker, as the old way demands."""
    return case.behave("-j", "1", **variables)
