"""Workers of every start method, and a run on the configured database itself."""

from django.db import connection

from testing.bdd.history import History
from testing.database import connect
from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.probe import database_name, prefix, superuser_database

ROWS = """
from behave import step
from django.db import connection


@step("there are {count:d} rows before mine")
def rows(context, count):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        assert cursor.fetchone() == ("public",)
        cursor.execute("CREATE TABLE IF NOT EXISTS mine (x int)")
        cursor.execute("SELECT count(*) FROM mine")
        assert cursor.fetchone() == (count,)
        cursor.execute("INSERT INTO mine VALUES (1)")
"""
SETTING = """
from behave import step
from django.conf import settings
from django.core import mail


@step("the process is set up for tests")
def set_up(context):
    assert settings.OF_THE_TESTS == "in force", settings.OF_THE_TESTS
    mail.send_mail("a", "b", "c@example.com", ["d@example.com"])
    assert len(mail.outbox) == 1, mail.outbox
"""


class StartMethodTests(EngineCase):
    def test_same_outcomes(self):
        """However workers are started, they load the same suite and the settings."""
        with (self.place / "engine_settings.py").open("a") as settings:
            settings.write('OF_THE_TESTS = "of the project"\n')
            settings.write('TESTING["OVERRIDES"] = {"OF_THE_TESTS": "in force"}\n')
        self.write(
            {
                "steps/setting.py": SETTING,
                "a.feature": feature("A", "the process is set up for tests"),
                "b.feature": feature("B", "all is lost", "it dies once"),
                "c.feature": feature("C", "the process is set up for tests"),
            }
        )
        expected = {"A 1": "passed", "B 1": "failed", "B 2": "passed", "C 1": "passed"}
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method=method):
                (self.features / "death.once").unlink(missing_ok=True)
                status, record, error = self.record("--random", "7", START=method)
                self.assertEqual(status, 1, error)
                self.assertIn(f"on 2 workers ({method});", error)
                found = {s.name: s.status for s in record.final_scenarios()}
                self.assertEqual(found, expected)
                self.assertIn("was killed by SIGKILL", error)


class ExistingDatabaseTests(EngineCase):
    def setUp(self):
        super().setUp()
        self.enterContext(superuser_database(database_name()))
        with (self.place / "engine_settings.py").open("a") as settings:
            settings.write(f'DATABASES["default"]["NAME"] = "{database_name()}"\n')
        self.write(
            {
                "steps/rows.py": ROWS,
                "a.feature": feature(
                    "A", *(f"there are {n} rows before mine" for n in range(3))
                ),
            }
        )

    def test_nothing_is_put_back(self):
        """Scenarios find what those before them left, in the project's own tables."""
        status, out, error = self.behave("--use-existing-database", "-j", "1")
        self.assertEqual(status, 0, out + error)
        self.assertIn("on 1 worker", error)
        self.assertIn("the existing database", error)
        with connect(connection, database=database_name()) as session:
            count = session.execute("SELECT count(*) FROM public.mine").fetchone()
            schemas = session.execute(
                "SELECT count(*) FROM pg_namespace WHERE starts_with(nspname, %s)",
                [prefix()],
            ).fetchone()
        self.assertEqual((count, schemas), ((3,), (0,)))

    def test_several_workers(self):
        """Workers at once would disturb each other there, so they are refused."""
        status, _, error = self.behave("--use-existing-database", "-j", "2")
        self.assertEqual(status, 2, error)
        self.assertIn("--use-existing-database puts all scenarios on one", error)
        self.assertIn("Next: leave --parallel out", error)


class HistoryTests(EngineCase):
    def test_folder_that_cannot_be_written(self):
        """That durations could not be kept is told, and costs nothing else."""
        (self.place / "cache").mkdir()
        (self.place / "cache" / "history.json").mkdir()
        self.write({"a.feature": feature("A", "all is well")})
        status, _, error = self.behave()
        self.assertEqual(status, 0, error)
        self.assertIn("The history could not be written: ", error)

    def test_run_that_ends_meanwhile(self):
        """What another run has learnt since this one began is not lost."""
        cache = self.place / "cache"
        other = History(cache / "history.json", scenarios={"other.feature::S": [1.0]})
        self.write({"a.feature": feature("A", "it waits for word")})
        with self.start() as process:
            self.pids(1)
            other.save()
            (self.features / "word").touch()
            process.communicate()
        self.assertEqual(process.returncode, 0)
        known = History.load(other.path).scenarios
        self.assertEqual(len(known), 2)
        self.assertIn("other.feature::S", known)
