"""How a place is built when the cheap way does not do."""

from unittest import mock

from testing.builds import build_schema
from testing.journal import JournalStore
from testing.tests.probe import extensions, some_extension
from testing.tests.workplace_case import WorkplaceCase


class BuildSchemaTests(WorkplaceCase):
    def setUp(self):
        super().setUp()
        self.place = self.plan()
        self.journal = self.place.journals["probe"]
        self.leased = self.lease(create=False)
        self.leased.point(self.probe)

    def build(self):
        return build_schema(
            self.leased, journal=self.journal, plan=self.place, alias="probe"
        )

    def tables(self):
        rows = self.session.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s",
            [self.leased.schema],
        )
        return {name for (name,) in rows}

    def test_replay_that_fails(self):
        """What cannot be replayed is migrated, completely, and the reason is kept."""
        self.journal.transactions.append((True, ["SELECT 1 / 0"]))
        built = self.build()
        self.assertEqual(built.way, "migrated")
        self.assertEqual(built.note, "its replay failed: division by zero")
        self.assertIn("django_content_type", self.tables())
        # Nobody tries again.
        with mock.patch.object(self.journal, "replay") as again:
            self.assertEqual(self.build().note, built.note)
        again.assert_not_called()

    def test_extensions(self):
        """Extensions that the journal needs are there before it is replayed."""
        name = some_extension()
        where = (
            "SELECT nspname FROM pg_extension JOIN pg_namespace n"
            " ON n.oid = extnamespace WHERE extname = %s"
        )
        self.assertIsNone(self.session.execute(where, [name]).fetchone())
        self.journal.extensions.append(name)
        self.journal.transactions.append((True, [f"CREATE TABLE of_it (x {name})"]))
        # Of another schema than the one that was recorded.
        self.journal.verified = True
        self.assertEqual(self.build().way, "replayed")
        row = self.session.execute(where, [name]).fetchone()
        self.assertEqual(row, (extensions(),))
        self.assertIn("of_it", self.tables())

    def test_folder_that_cannot_be_written(self):
        """A replay that was compared counts, though that cannot be noted."""
        self.journal.verified = False
        with mock.patch.object(JournalStore, "save", side_effect=OSError) as save:
            self.assertEqual(self.build().way, "replayed")
        save.assert_called_once()
        self.assertIs(self.journal.verified, True)
