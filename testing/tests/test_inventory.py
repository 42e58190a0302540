"""The inventory: what a schema holds, and in which order it can be emptied."""

from psycopg.sql import Identifier

from testing.inventory import take_inventory
from testing.tests.probe import ProbeCase


class InventoryTests(ProbeCase):
    def setUp(self):
        super().setUp()
        self.leased = self.lease()

    def take(self, *statements):
        for statement in statements:
            self.leased.session.execute(statement)
        return take_inventory(self.leased.session, schema=self.leased.schema)

    def name(self, name):
        return Identifier(self.leased.schema, name)

    def test_empty_schema(self):
        """An empty schema has an empty inventory."""
        inventory = self.take()
        self.assertEqual(
            (inventory.tables, inventory.tangled, inventory.sequences), ((), (), ())
        )

    def test_table(self):
        """Columns are told apart by what may be written to them."""
        inventory = self.take(
            "CREATE TABLE t (gone int, id int GENERATED ALWAYS AS IDENTITY, x int,"
            " g int GENERATED ALWAYS AS (x) STORED, PRIMARY KEY (id, x))",
            "ALTER TABLE t DROP gone",
        )
        (table,) = inventory.tables
        self.assertEqual(table.identifier, self.name("t"))
        self.assertEqual(table.columns, ("id", "x"))
        self.assertEqual(table.settable, ("x",))
        self.assertEqual(table.key, ("id", "x"))
        self.assertEqual(table.triggers, ())
        (sequence,) = inventory.sequences
        self.assertEqual(sequence.identifier, self.name("t_id_seq"))

    def test_what_is_no_table(self):
        """Views, partitioned parents and other schemas' tables are left out."""
        inventory = self.take(
            "CREATE TABLE p (x int) PARTITION BY LIST (x)",
            "CREATE TABLE leaf PARTITION OF p DEFAULT",
            "CREATE VIEW v AS SELECT 1 AS x",
            "CREATE MATERIALIZED VIEW m AS SELECT 1 AS x",
            "CREATE TEMPORARY TABLE temporary (x int)",
        )
        names = [table.identifier for table in inventory.tables]
        self.assertEqual(names, [self.name("leaf")])

    def test_triggers(self):
        """The project's triggers that are on are listed with their mode."""
        (table,) = self.take(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
            "CREATE TABLE t (x int)",
            *(
                f"CREATE TRIGGER {name} BEFORE DELETE ON t EXECUTE FUNCTION f()"
                for name in ("a", "o", "off", "r")
            ),
            "ALTER TABLE t ENABLE ALWAYS TRIGGER a, ENABLE REPLICA TRIGGER r,"
            " DISABLE TRIGGER off",
        ).tables
        self.assertEqual(table.triggers, (("a", "A"), ("o", "O"), ("r", "R")))

    def test_children_first(self):
        """A table precedes the one it refers to, however they are called."""
        inventory = self.take(
            "CREATE TABLE b (id int PRIMARY KEY)",
            "CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES b)",
            "CREATE TABLE c (id int PRIMARY KEY, a int REFERENCES a)",
        )
        names = [table.identifier for table in inventory.tables]
        self.assertEqual(names, [self.name(name) for name in "cab"])
        self.assertEqual(inventory.tangled, ())

    def test_circle(self):
        """Tables in a circle are tangled, unless it can be deferred."""
        inventory = self.take(
            "CREATE TABLE a (id int PRIMARY KEY, b int)",
            "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a)",
            "CREATE TABLE aside (id int PRIMARY KEY)",
            "ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES b",
        )
        tangled = [table.identifier for table in inventory.tangled]
        self.assertCountEqual(tangled, [self.name("a"), self.name("b")])
        (aside,) = inventory.tables
        self.assertEqual(aside.identifier, self.name("aside"))
        inventory = self.take("ALTER TABLE a ALTER CONSTRAINT fk DEFERRABLE")
        self.assertEqual(inventory.tangled, ())
