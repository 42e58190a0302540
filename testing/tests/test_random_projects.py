"""Whatever a project migrates, a replay gives the same, and a reset goes back.

More examples, others each time: ``RANDOM_PROJECTS=500 manage.py test …``.
"""

import os

import psycopg
from django.db.migrations.state import ProjectState
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from testing.baseline import Baseline
from testing.catalog import describe
from testing.recorder import Recorder
from testing.tests.probe import ProbeCase, extensions
from testing.tests.random_project import projects

EXAMPLES = int(os.environ.get("RANDOM_PROJECTS", "0"))
# Ways to write to a table; what a constraint or a view refuses is left out.
WRITES = (
    "INSERT INTO {} DEFAULT VALUES",
    "INSERT INTO {} TABLE {}",
    "DELETE FROM {}",
    "DELETE FROM {} WHERE ctid::text LIKE '%1)'",
    "TRUNCATE {} RESTART IDENTITY CASCADE",
    "REFRESH MATERIALIZED VIEW {}",
    "SELECT nextval({text})",
    "CREATE TABLE {beside} (LIKE {} INCLUDING ALL)",
)


class RandomProjectsTests(ProbeCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.probe, self.migrated = self.on_schema()
        self.replayed = self.lease(2)
        self.user = self.open_session(options=self.migrated.options)

    @settings(
        max_examples=EXAMPLES or 12,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        projects(),
        st.lists(
            st.tuples(st.sampled_from(WRITES), st.integers(0, 99)),
            min_size=10,
            max_size=40,
        ),
    )
    def test_projects(self, project, writes):
        """The replayed schema is the migrated one, after a reset as before."""
        for place in (self.migrated, self.replayed):
            place.drop()
            place.create(fingerprint="probe")
        self.replay(self.migrate(project))
        expected = self.look(self.migrated)
        self.assertEqual(self.look(self.replayed), expected)
        baseline = Baseline(self.migrated.session, schema=self.migrated.schema)
        before = self.look(self.migrated)
        self.write(writes)
        baseline.reset()
        self.assertEqual(self.look(self.migrated), before)
        baseline.reset()
        self.assertEqual(self.look(self.migrated), before)

    def migrate(self, project):
        """Execute the operations as migrate would; returns the journal."""
        recorder = Recorder(
            self.probe, fingerprint="probe", extensions_schema=extensions()
        )
        state = ProjectState()
        with self.probe.execute_wrapper(recorder):
            for is_atomic, operations in project:
                with self.probe.schema_editor(atomic=is_atomic) as editor:
                    for operation in operations:
                        later = state.clone()
                        operation.state_forwards("made", later)
                        operation.database_forwards("made", editor, state, later)
                        state = later
        self.probe.close()
        return recorder.finish()

    def replay(self, journal):
        self.assertEqual((journal.refusal, journal.needs_database), ("", ""))
        journal.replay(self.replayed.session)

    def look(self, place):
        found = describe(place.session, schema=place.schema)
        rows = place.session.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'S'"
            " AND relnamespace = %s::regnamespace ORDER BY 1",
            [place.schema],
        ).fetchall()
        for (name,) in rows:
            query = sql.SQL("SELECT last_value, is_called FROM {}").format(
                sql.Identifier(place.schema, name)
            )
            found[f"position of {name}"] = place.session.execute(query).fetchall()
        return found

    def write(self, writes):
        rows = self.user.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'S')"
            " AND relnamespace = current_schema()::regnamespace ORDER BY 1"
        )
        names = [name for (name,) in rows]
        # A project may have deleted all that it had.
        for number, (way, choice) in enumerate(writes if names else ()):
            name = sql.Identifier(names[choice % len(names)])
            statement = sql.SQL(way).format(
                *[name] * 2, text=name.as_string(), beside=sql.Identifier(f"n{number}")
            )
            try:
                self.user.execute(statement)
            except psycopg.Error:
                continue
