"""Levels in a session: copies that are shared, functions made once, all dropped."""

from testing.inventory import take_inventory
from testing.levels import LevelStore
from testing.reset_objects import note_things
from testing.tests.baseline_case import BaselineCase

TEMPORARY = """
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'
UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = pg_my_temp_schema()
          AND proname LIKE 'reset%'
"""


class LevelStoreTests(BaselineCase):
    statements = (
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE other (id int PRIMARY KEY)",
        "INSERT INTO t VALUES (1), (2)",
        "INSERT INTO other VALUES (1)",
    )

    def setUp(self):
        super().setUp()
        session, schema = self.leased.session, self.leased.schema
        session.execute(note_things())
        self.inventory = take_inventory(session, schema=schema)
        self.oids = {table.name: table.oid for table in self.inventory.tables}
        self.store = LevelStore(session, schema=schema)

    def level(self, *dirty, below=None):
        return self.store.create(
            self.inventory,
            dirty={self.oids[name] for name in dirty},
            positions={},
            below=below,
        )

    def there(self):
        return {row[0] for row in self.leased.session.execute(TEMPORARY)}

    def rows(self):
        query = "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM other)"
        return self.execute(query).fetchone()

    def test_copies(self):
        """What is dirty is copied; other copies are those of the level below."""
        low = self.level("t", "other")
        self.execute("INSERT INTO t VALUES (3)")
        high = self.level("t", below=low)
        t, other = self.oids["t"], self.oids["other"]
        self.assertEqual(low.kept[t], (f"level_{low.number}_{t}", 2))
        self.assertEqual(high.kept[t], (f"level_{high.number}_{t}", 3))
        self.assertEqual(high.kept[other], low.kept[other])

    def test_emptied_table(self):
        """A table without rows has no copy, whatever the level below has."""
        low = self.level("t")
        self.execute("DELETE FROM t")
        self.assertEqual(self.level("t", below=low).kept, {})
        self.assertIn(self.oids["t"], low.kept)

    def test_run(self):
        """Going back makes the level's function, the first time."""
        level = self.level("t", "other")
        self.assertEqual(self.store.made, set())
        for _ in range(2):
            self.execute("DELETE FROM other; INSERT INTO t VALUES (9)")
            self.store.run(level)
            self.assertEqual(self.rows(), (2, 1))
        self.assertEqual(self.store.made, {level.number})
        empty = level.without_rows()
        self.assertNotEqual(empty.number, level.number)
        self.store.run(empty)
        self.assertEqual(self.rows(), (0, 0))

    def test_drop(self):
        """What a level shares with the one below stays, and its own goes."""
        low = self.level("t", "other")
        before = self.there()
        high = self.level("t", below=low)
        self.store.run(high)
        self.assertGreater(self.there(), before)
        self.store.drop(high, below=low)
        self.assertEqual(self.there(), before)
        self.store.run(low)
        self.assertEqual(self.rows(), (2, 1))
