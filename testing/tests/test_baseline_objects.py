"""What a test makes is gone after a reset, what it takes away is named."""

from psycopg import sql

from testing.baseline import Baseline, BaselineLost
from testing.sql_tokens import split_statements
from testing.tests.baseline_case import BaselineCase


class NewThingsTests(BaselineCase):
    statements = (
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT n'",
        "CREATE TYPE mood AS ENUM ('sad')",
        "CREATE VIEW v AS SELECT * FROM t",
        "INSERT INTO t VALUES (1)",
    )

    def setUp(self):
        super().setUp()
        self.start()

    def test_dropped(self):
        """Whatever a test makes in the schema is dropped."""
        for statement in (
            "CREATE TABLE n (id serial PRIMARY KEY, t int REFERENCES t);"
            "INSERT INTO n (t) VALUES (1); DELETE FROM n; INSERT INTO t VALUES (2);"
            "INSERT INTO n (t) VALUES (2)",
            'CREATE TABLE "N ""%s" (x int) PARTITION BY LIST (x);'
            'CREATE TABLE p PARTITION OF "N ""%s" DEFAULT',
            "CREATE VIEW n AS SELECT * FROM v; CREATE VIEW m AS SELECT * FROM n",
            "CREATE MATERIALIZED VIEW n AS SELECT * FROM v; CREATE INDEX ON n (id)",
            "CREATE SEQUENCE n",
            "CREATE TYPE n AS ENUM ('x'); CREATE TABLE m (n n)",
            "CREATE DOMAIN n AS int; CREATE TYPE m AS RANGE (subtype = int)",
            "CREATE TYPE n AS (x int, m mood)",
            "CREATE FUNCTION n(a int, b text[] DEFAULT '{}') RETURNS int LANGUAGE sql"
            " AS 'SELECT 1'; CREATE PROCEDURE m() LANGUAGE sql AS 'SELECT 1'",
            "CREATE AGGREGATE n (int) (sfunc = int4pl, stype = int);"
            "CREATE AGGREGATE m (*) (sfunc = int8inc, stype = int8, initcond = '0')",
            "CREATE FUNCTION n() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION ''on''; END';"
            "CREATE TRIGGER n BEFORE DELETE ON t EXECUTE FUNCTION n();"
            "INSERT INTO t VALUES (5)",
        ):
            with self.subTest(statement=statement):
                for one in split_statements(statement):
                    self.execute(one)
                self.assertNotEqual(self.look(), self.remembered)
                self.assertReset()

    def test_made_again(self):
        """What was dropped and made again is as good as the one before."""
        self.execute("DROP TABLE t CASCADE")
        self.execute("CREATE TABLE t (id int PRIMARY KEY)")
        self.execute("CREATE VIEW v AS SELECT * FROM t")
        self.execute("INSERT INTO t VALUES (7)")
        self.assertReset()

    def test_made_by_a_hook(self):
        """What a hook makes stays as long as its scope."""
        self.execute("CREATE TABLE hooked (x int)")
        self.execute("INSERT INTO hooked VALUES (1)")
        self.baseline.push()
        above = self.look()
        self.execute("INSERT INTO hooked VALUES (2)")
        self.execute("CREATE TABLE n (x int)")
        self.baseline.reset()
        self.assertEqual(self.look(), above)
        self.baseline.pop()
        self.assertEqual(self.look(), self.remembered)

    def test_gone_things(self):
        """A table that is gone or altered is named, with what to do."""
        self.execute("CREATE TABLE r (id int, x int)")
        self.execute("INSERT INTO r VALUES (1, 1)")
        self.start()
        for statement, word in (
            ("ALTER TABLE r RENAME TO s", "r"),
            ("ALTER TABLE r RENAME x TO y", "x"),
            ("ALTER TABLE r DROP x", "x"),
            ("DROP TABLE r", "r"),
        ):
            with self.subTest(statement=statement):
                self.execute("BEGIN")
                self.execute("UPDATE r SET x = 2")
                self.execute(statement)
                self.execute("COMMIT")
                with self.assertRaises(BaselineLost) as caught:
                    self.baseline.reset()
                self.assertThreeParts(str(caught.exception))
                self.assertIn(word, str(caught.exception))
                self.execute("DROP TABLE IF EXISTS r, s")
                self.execute("CREATE TABLE r (id int, x int)")


class RebuildTests(BaselineCase):
    statements = (
        "CREATE TABLE r (id serial PRIMARY KEY, x int)",
        "INSERT INTO r (x) VALUES (1), (2)",
    )

    def setUp(self):
        super().setUp()
        self.rebuilds = 0
        self.baseline = Baseline(
            self.leased.session, schema=self.leased.schema, rebuild=self.build_anew
        )
        self.remembered = self.look()

    def build_anew(self):
        self.rebuilds += 1
        self.leased.drop()
        self.leased.create(fingerprint="probe")
        for statement in self.statements:
            self.leased.session.execute(statement)
        return self.leased.session

    def test_rebuilt(self):
        """A schema that no reset puts back is built anew, and the log says so."""
        for number, statement in enumerate(
            ("DROP TABLE r", "ALTER TABLE r RENAME x TO y; DELETE FROM r"), start=1
        ):
            with (
                self.subTest(statement=statement),
                self.assertLogs("testing.baseline", "WARNING") as logs,
            ):
                self.execute(statement)
                self.assertReset()
                self.assertEqual(self.rebuilds, number)
                self.assertIn("It was built anew", logs.output[0])
                self.assertNotIn("Next:", logs.output[0])
                self.execute("INSERT INTO r (x) VALUES (3)")
                self.assertReset()
                self.assertEqual(self.rebuilds, number)

    def test_same_level_twice(self):
        """As many levels are there afterwards, all of them the lowest."""
        self.baseline.push()
        self.execute("DROP TABLE r")
        with self.assertLogs("testing.baseline", "WARNING"):
            self.assertReset()
        self.baseline.pop()
        self.assertEqual(self.look(), self.remembered)

    def test_rows_of_a_hook(self):
        """What hooks have loaded would be missing, so that it is not built anew."""
        self.execute("INSERT INTO r (x) VALUES (3)")
        self.baseline.push()
        self.execute("DROP TABLE r")
        with self.assertRaises(BaselineLost):
            self.baseline.reset()
        self.assertEqual(self.rebuilds, 0)


class MaterializedViewTests(BaselineCase):
    statements = (
        "CREATE TABLE t (id int PRIMARY KEY, j json)",
        "INSERT INTO t VALUES (1, '{}'), (2, NULL)",
        "CREATE MATERIALIZED VIEW m AS SELECT id, j FROM t",
        "CREATE UNIQUE INDEX ON m (id)",
        "CREATE MATERIALIZED VIEW top AS SELECT count(*) AS n FROM m",
        "CREATE MATERIALIZED VIEW none AS SELECT * FROM t WHERE id > 5",
        "CREATE MATERIALIZED VIEW later AS SELECT * FROM t WITH NO DATA",
    )

    def setUp(self):
        super().setUp()
        self.start()

    def test_refreshed(self):
        """Rows of materialized views are those of the baseline again."""
        for how in ("", "CONCURRENTLY"):
            with self.subTest(how=how):
                self.execute("INSERT INTO t VALUES (7, '[1]')")
                self.execute(f"REFRESH MATERIALIZED VIEW {how} m")
                for view in ("top", "none", "later"):
                    self.execute(f"REFRESH MATERIALIZED VIEW {view}")
                self.assertEqual(self.value("SELECT n FROM top"), 3)
                self.assertReset()
                self.assertReset()

    def test_emptied(self):
        """A view that lost its rows has them again."""
        self.execute("REFRESH MATERIALIZED VIEW m WITH NO DATA")
        self.execute("REFRESH MATERIALIZED VIEW none WITH NO DATA")
        self.assertReset()

    def test_untouched(self):
        """A view that nobody refreshed is left alone, though its tables changed."""
        before = self.value("SELECT pg_relation_filenode('m'::regclass)")
        self.execute("INSERT INTO t VALUES (7, '[1]')")
        self.assertReset()
        after = self.value("SELECT pg_relation_filenode('m'::regclass)")
        self.assertEqual(after, before)

    def test_levels(self):
        """A view that a hook refreshed is kept like rows that a hook loaded."""
        self.execute("INSERT INTO t VALUES (7, '[1]')")
        self.execute("REFRESH MATERIALIZED VIEW m")
        self.baseline.push()
        above = self.look()
        self.execute("DELETE FROM t")
        self.execute("REFRESH MATERIALIZED VIEW m")
        self.baseline.reset()
        self.assertEqual(self.look(), above)
        self.baseline.pop()
        self.assertEqual(self.look(), self.remembered)

    def test_older_than_a_level(self):
        """A view that a hook's rows are missing in misses them again."""
        self.execute("INSERT INTO t VALUES (7, '[1]')")
        self.baseline.push()
        above = self.look()
        for _ in range(2):
            self.execute("REFRESH MATERIALIZED VIEW m")
            self.execute("REFRESH MATERIALIZED VIEW top")
            self.execute("INSERT INTO t VALUES (8, NULL)")
            self.baseline.reset()
            self.assertEqual(self.look(), above)
        self.baseline.pop()
        self.assertEqual(self.look(), self.remembered)

    def test_older_than_all_rows(self):
        """A view that was made before all rows is empty again."""
        self.execute("CREATE TABLE r (x int)")
        self.execute(
            "CREATE MATERIALIZED VIEW before AS SELECT sum(x), x FROM r GROUP BY x"
        )
        self.execute("INSERT INTO r VALUES (1)")
        self.start()
        for _ in range(2):
            self.execute("REFRESH MATERIALIZED VIEW before")
            self.execute("REFRESH MATERIALIZED VIEW m")
            self.assertReset()

    def test_older_than_some_rows(self):
        """Rows that no refresh brings back are named, with what to do."""
        self.execute("INSERT INTO t VALUES (3, NULL)")
        self.start()
        self.assertReset()
        self.execute("REFRESH MATERIALIZED VIEW m")
        with self.assertRaises(BaselineLost) as caught:
            self.baseline.reset()
        self.assertThreeParts(str(caught.exception))
        name = sql.Identifier(self.leased.schema, "m").as_string(None)
        self.assertIn(f"`REFRESH MATERIALIZED VIEW {name}`", str(caught.exception))


class RulesTests(BaselineCase):
    def test_rules(self):
        """Rules neither keep a reset from its work nor follow it."""
        for statement in (
            "CREATE TABLE t (id int PRIMARY KEY, x int)",
            "CREATE TABLE log (what text)",
            "CREATE TABLE kept (x int)",
            "INSERT INTO t VALUES (1, 1), (2, 2)",
            "CREATE RULE never AS ON DELETE TO t DO INSTEAD NOTHING",
            "CREATE RULE never AS ON UPDATE TO t WHERE old.x = 2 DO INSTEAD NOTHING",
            "CREATE RULE noted AS ON INSERT TO t DO ALSO INSERT INTO log VALUES ('i')",
            "CREATE RULE never AS ON DELETE TO kept DO INSTEAD NOTHING",
            "ALTER TABLE t ENABLE ALWAYS RULE noted",
        ):
            self.leased.session.execute(
                statement.replace("never AS ON UPDATE", "not_two AS ON UPDATE")
            )
        self.start()
        for statement in (
            "INSERT INTO t VALUES (3, 3)",
            "UPDATE t SET x = 5",
            "INSERT INTO kept VALUES (1)",
        ):
            self.execute(statement)
        self.execute("ALTER TABLE t DISABLE RULE never")
        self.execute("DELETE FROM t WHERE id = 2")
        self.execute("ALTER TABLE t ENABLE RULE never")
        self.assertReset()
        self.assertReset()


class ReactionsTests(BaselineCase):
    note = (
        "CREATE TABLE log (what text)",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN INSERT INTO log VALUES (TG_OP); RETURN NULL; END$$",
    )

    def check(self, statements, changes):
        for statement in (*self.note, *statements):
            self.leased.session.execute(statement)
        self.start()
        for change in changes:
            self.execute(change)
        self.assertReset()
        self.assertReset()

    def test_circle(self):
        """Statement triggers of tables in a circle stay silent, rows or none."""
        self.check(
            (
                "CREATE TABLE a (id int PRIMARY KEY, b int)",
                "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a)",
                "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b",
                *(
                    f"CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON {name}"
                    " FOR EACH STATEMENT EXECUTE FUNCTION note()"
                    for name in "ab"
                ),
                "INSERT INTO a VALUES (1, NULL)",
                "INSERT INTO b VALUES (1, 1)",
                "UPDATE a SET b = 1",
                "DELETE FROM log",
            ),
            ("INSERT INTO a VALUES (2, 1)", "UPDATE b SET a = 2"),
        )

    def test_cascade(self):
        """Triggers of a table that only follows another one stay silent, too."""
        self.check(
            (
                "CREATE TABLE p (id int PRIMARY KEY, x int)",
                "CREATE TABLE c (id int PRIMARY KEY,"
                " p int REFERENCES p ON DELETE CASCADE)",
                "CREATE TRIGGER noted AFTER INSERT ON c"
                " FOR EACH ROW EXECUTE FUNCTION note()",
                "CREATE TABLE q (id int PRIMARY KEY,"
                " p int REFERENCES p ON DELETE SET NULL, up int REFERENCES q)",
                "CREATE TRIGGER noted AFTER INSERT OR UPDATE ON q"
                " FOR EACH ROW EXECUTE FUNCTION note()",
                "INSERT INTO p VALUES (1), (2)",
                "INSERT INTO c VALUES (1, 1)",
                "INSERT INTO q VALUES (1, 1), (2, 2)",
                "DELETE FROM log",
            ),
            ("INSERT INTO p VALUES (3, 3)", "DELETE FROM p WHERE id = 2"),
        )

    def test_partitions(self):
        """References of and to partitioned tables are those of their partitions."""
        self.check(
            (
                "CREATE TABLE z (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE z1 PARTITION OF z FOR VALUES FROM (0) TO (10)"
                " PARTITION BY LIST (id)",
                "CREATE TABLE a_leaf PARTITION OF z1 DEFAULT",
                "CREATE TABLE b_leaf PARTITION OF z DEFAULT",
                "CREATE TABLE c (id int PRIMARY KEY, z int REFERENCES z)"
                " PARTITION BY HASH (id)",
                "CREATE TABLE c0 PARTITION OF c FOR VALUES WITH (MODULUS 2,"
                " REMAINDER 0)",
                "CREATE TABLE c1 PARTITION OF c FOR VALUES WITH (MODULUS 2,"
                " REMAINDER 1)",
                "CREATE TRIGGER noted AFTER INSERT OR DELETE ON c"
                " FOR EACH ROW EXECUTE FUNCTION note()",
                "INSERT INTO z VALUES (1), (20)",
                "INSERT INTO c SELECT n, 1 FROM generate_series(1, 5) n",
                "DELETE FROM log",
            ),
            (
                "INSERT INTO z VALUES (2), (30)",
                "INSERT INTO c VALUES (6, 2), (7, 30)",
                "UPDATE c SET z = 20 WHERE id = 1",
                "DELETE FROM c WHERE id = 2",
            ),
        )

    def test_constraint_trigger(self):
        """A deferred constraint trigger and one with transition tables stay silent."""
        self.check(
            (
                "CREATE TABLE t (id int PRIMARY KEY, x int)",
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT OR DELETE ON t DEFERRABLE"
                " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note()",
                "CREATE FUNCTION sum() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
                " INSERT INTO log SELECT sum(x) FROM old_rows; RETURN NULL; END$$",
                "CREATE TRIGGER summed AFTER DELETE ON t REFERENCING OLD TABLE AS"
                " old_rows FOR EACH STATEMENT EXECUTE FUNCTION sum()",
                "INSERT INTO t VALUES (1, 1), (2, 2)",
                "DELETE FROM log",
            ),
            ("INSERT INTO t VALUES (3, 3)", "DELETE FROM t WHERE id = 1"),
        )

    def test_row_security(self):
        """Row security is left as it is; test_baseline_security.py hides rows."""
        self.check(
            (
                "CREATE TABLE t (id int PRIMARY KEY, x int)",
                "INSERT INTO t VALUES (1, 1), (2, 2)",
                "ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                "CREATE POLICY ones ON t USING (x = 1) WITH CHECK (x < 9)",
            ),
            ("INSERT INTO t VALUES (3, 3)", "DELETE FROM t WHERE id = 2"),
        )
