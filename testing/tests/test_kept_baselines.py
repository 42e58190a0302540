"""Baselines of kept schemas: read back as they were, or not at all."""

import json

from testing.baseline import Baseline
from testing.inventory import take_inventory
from testing.kept_baselines import KeptBaselines
from testing.tests.baseline_case import BaselineCase


class KeptBaselineCase(BaselineCase):
    statements = (
        "CREATE TABLE t (id serial PRIMARY KEY, x int UNIQUE)",
        "CREATE TABLE child (t int PRIMARY KEY REFERENCES t ON DELETE CASCADE"
        " DEFERRABLE, up int, g int GENERATED ALWAYS AS (up) STORED,"
        " n int GENERATED ALWAYS AS IDENTITY)",
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY REFERENCES a)",
        "ALTER TABLE a ADD FOREIGN KEY (id) REFERENCES b",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW;"
        " END'",
        "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE RULE quiet AS ON UPDATE TO child DO INSTEAD NOTHING",
        "INSERT INTO t (x) VALUES (1), (2)",
        "CREATE MATERIALIZED VIEW m AS SELECT x FROM t",
    )

    def setUp(self):
        super().setUp()
        self.start()
        self.baseline.reset()
        self.place = self.folder()
        self.store = KeptBaselines(self.place)
        self.leased.set_mark(fingerprint="x", state="ready")
        self.save()

    def save(self):
        (level,) = self.baseline.levels
        self.store.save(
            self.leased.session,
            schema=self.leased.schema,
            inventory=level.inventory,
            filled=frozenset(level.kept),
            positions=level.positions,
        )

    def load(self):
        return self.store.load(self.leased.session, schema=self.leased.schema)


class LoadTests(KeptBaselineCase):
    def test_equal(self):
        """What is read is what an inventory of the schema finds."""
        known = self.load()
        taken = take_inventory(self.leased.session, schema=self.leased.schema)
        self.assertEqual(known.inventory, taken)
        self.assertEqual(len(taken.tangled), 2)
        self.assertEqual(len(taken.views), 1)
        (level,) = self.baseline.levels
        self.assertEqual(known.filled, set(level.kept))
        self.assertEqual(known.positions, level.positions)

    def test_other_keeping(self):
        """It is of no use once the schema's mark was written again."""
        self.leased.set_mark(fingerprint="x", state="in use")
        self.assertIsNone(self.load())
        self.leased.set_mark(fingerprint="x", state="ready")
        self.assertIsNone(self.load())
        self.save()
        self.assertIsNotNone(self.load())

    def test_schema_made_again(self):
        """It is of no use for another schema of the same name."""
        self.leased.drop()
        self.assertIsNone(self.load())
        self.leased.create(fingerprint="x")
        self.leased.set_mark(fingerprint="x", state="ready")
        self.assertIsNone(self.load())

    def test_unreadable(self):
        """A file that is cut off, of another version or missing says nothing."""
        (path,) = self.place.iterdir()
        content = json.loads(path.read_text())
        del content["inventory"]["tables"][0]["columns"]
        for text in ("", "{", "{}", "[]", json.dumps(content)):
            with self.subTest(text=text[:10]):
                path.write_text(text)
                self.assertIsNone(self.load())
        path.unlink()
        self.assertIsNone(self.load())


class BeginTests(KeptBaselineCase):
    def test_reset(self):
        """A baseline that begins with what is known resets like any other."""
        self.baseline = Baseline(
            self.leased.session, schema=self.leased.schema, known=self.load()
        )
        self.execute("INSERT INTO t (x) VALUES (3)")
        self.execute("DELETE FROM t WHERE x = 1")
        self.execute("REFRESH MATERIALIZED VIEW m")
        self.assertReset()

    def test_changed_meanwhile(self):
        """What somebody left in a kept schema is gone after the first reset."""
        known = self.load()
        self.execute("CREATE TABLE left_over (x int)")
        self.execute("INSERT INTO child VALUES (1, 2)")
        self.execute("SELECT nextval('t_id_seq')")
        self.baseline = Baseline(
            self.leased.session, schema=self.leased.schema, known=known
        )
        self.assertReset()
