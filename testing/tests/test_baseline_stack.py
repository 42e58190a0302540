"""The stack of baselines: levels are put on, and taken off without a trace."""

from testing.baseline import Baseline
from testing.tests.baseline_case import BaselineCase
from testing.tests.probe import prefix, role

TEMPORARY = """
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()
UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = pg_my_temp_schema()
ORDER BY 1
"""


class StackTests(BaselineCase):
    statements = (
        "CREATE TABLE t (id serial PRIMARY KEY, x int)",
        "CREATE TABLE other (id serial PRIMARY KEY)",
        "CREATE TABLE bag (x int)",
        "INSERT INTO t (x) VALUES (1), (2)",
        "INSERT INTO bag VALUES (1), (1)",
    )

    def setUp(self):
        super().setUp()
        self.start()

    def push(self):
        self.baseline.push()
        return self.look()

    def temporary(self):
        return self.leased.session.execute(TEMPORARY).fetchall()

    def disturb(self):
        self.execute("INSERT INTO t (x) VALUES (99)")
        self.execute("UPDATE t SET x = x + 1 WHERE id = 1")
        self.execute("DELETE FROM bag")
        self.execute("INSERT INTO other DEFAULT VALUES")

    def test_three_levels(self):
        """Each level is gone back to exactly, also after changes at each."""
        states = [self.remembered]
        # A level has its function from its first reset on.
        self.baseline.reset()
        before = [self.temporary()]
        for number in range(3):
            self.execute("INSERT INTO t (x) VALUES (%s)", [number * 10])
            self.execute("UPDATE t SET x = x * 2 WHERE id = 2")
            self.execute("INSERT INTO bag VALUES (%s)", [number])
            states.append(self.push())
            self.disturb()
            self.baseline.reset()
            before.append(self.temporary())
            self.assertEqual(self.look(), states[-1])
        for _ in range(3):
            self.disturb()
            self.baseline.pop()
            states.pop()
            before.pop()
            self.assertEqual(self.look(), states[-1])
            self.assertEqual(self.temporary(), before[-1])
            self.disturb()
            self.baseline.reset()
            self.assertEqual(self.look(), states[-1])

    def test_level_that_deletes(self):
        """A level may have fewer rows than the one below it."""
        self.execute("DELETE FROM t; DELETE FROM bag WHERE ctid = '(0,1)'")
        state = self.push()
        self.disturb()
        self.baseline.reset()
        self.assertEqual(self.look(), state)
        self.baseline.pop()
        self.assertEqual(self.look(), self.remembered)

    def test_push_without_a_change(self):
        """Pushing what is there already makes no copy and no function."""
        before = self.temporary()
        for _ in range(3):
            self.baseline.push()
        self.assertEqual(self.temporary(), before)
        self.assertEqual(len({id(level) for level in self.baseline.levels}), 1)
        for _ in range(3):
            self.disturb()
            self.baseline.pop()
            self.assertEqual(self.look(), self.remembered)
        self.assertEqual(len(self.baseline.levels), 1)

    def test_push_of_a_sequence_alone(self):
        """A level may differ in nothing but the position of a sequence."""
        self.execute("SELECT nextval('other_id_seq')")
        self.baseline.push()
        self.assertEqual(self.value("SELECT nextval('other_id_seq')"), 2)
        self.baseline.reset()
        self.assertEqual(self.value("SELECT nextval('other_id_seq')"), 2)
        self.baseline.pop()
        self.assertEqual(self.value("SELECT nextval('other_id_seq')"), 1)

    def test_levels_after_each_other(self):
        """A level that follows a popped one has nothing of it."""
        for number in range(3):
            self.execute("INSERT INTO other (id) VALUES (%s)", [number + 50])
            state = self.push()
            self.disturb()
            self.baseline.reset()
            self.assertEqual(self.look(), state)
            self.baseline.pop()
            self.assertEqual(self.look(), self.remembered)


class ColumnsTests(BaselineCase):
    def check(self, statements, changes):
        for statement in statements:
            self.leased.session.execute(statement)
        self.start()
        for change in changes:
            self.execute(change)
        self.assertReset()

    def test_generated_columns(self):
        """Columns that the database computes are computed again."""
        version = self.leased.session.info.server_version
        kind = "VIRTUAL" if version >= 180000 else "STORED"
        self.check(
            (
                "CREATE TABLE t (id int PRIMARY KEY, x int,"
                " y int GENERATED ALWAYS AS (x * 2) STORED,"
                f" z int GENERATED ALWAYS AS (x * 3) {kind})",
                "INSERT INTO t VALUES (1, 1), (2, 2)",
            ),
            ("UPDATE t SET x = 5", "DELETE FROM t WHERE id = 2"),
        )

    def test_identity_always(self):
        """Rows of an identity that admits no value of ours come back with it."""
        self.check(
            (
                "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                " x int)",
                "INSERT INTO t (x) VALUES (1), (2), (3)",
            ),
            ("DELETE FROM t WHERE id = 2", "UPDATE t SET x = 0 WHERE id = 1"),
        )

    def test_no_primary_key(self):
        """A table without a key may hold the same row several times."""
        self.check(
            (
                "CREATE TABLE t (x int, y text)",
                "INSERT INTO t VALUES (1, 'a'), (1, 'a'), (NULL, NULL), (2, 'b')",
            ),
            (
                "DELETE FROM t WHERE ctid = '(0,1)'",
                "UPDATE t SET y = 'c' WHERE x = 2",
                "INSERT INTO t VALUES (1, 'a'), (NULL, NULL)",
            ),
        )

    def test_key_of_two_columns(self):
        """A key may have several columns, and be the whole row."""
        self.check(
            (
                "CREATE TABLE t (a int, b int, PRIMARY KEY (b, a))",
                "INSERT INTO t VALUES (1, 2), (2, 1)",
            ),
            ("DELETE FROM t WHERE a = 1", "INSERT INTO t VALUES (1, 1)"),
        )

    def test_partitions(self):
        """Rows of partitions come back where they were, moved ones included."""
        self.check(
            (
                "CREATE TABLE t (id int PRIMARY KEY, x int) PARTITION BY RANGE (id)",
                "CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (10) TO (20)"
                " PARTITION BY HASH (id)",
                "CREATE TABLE t_all PARTITION OF t_high"
                " FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
                "CREATE TABLE r (t int REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
                "INSERT INTO t VALUES (1, 1), (11, 11)",
                "INSERT INTO r VALUES (11)",
            ),
            (
                "UPDATE t SET id = 15 WHERE id = 1",
                "INSERT INTO t VALUES (2, 2)",
                "DELETE FROM r",
                "DELETE FROM t WHERE id = 11",
            ),
        )

    def test_inheritance(self):
        """Parent and child by inheritance keep rows of their own."""
        self.check(
            (
                "CREATE TABLE p (id int PRIMARY KEY)",
                "CREATE TABLE c (x int) INHERITS (p)",
                "INSERT INTO p VALUES (1)",
                "INSERT INTO c VALUES (2, 3)",
            ),
            ("DELETE FROM p", "INSERT INTO c VALUES (7, 7)"),
        )

    def test_no_columns(self):
        """Even a table without columns has its number of rows again."""
        for statement in ("CREATE TABLE t ()", "CREATE TABLE u ()"):
            self.leased.session.execute(statement)
        self.start()
        self.execute("INSERT INTO t DEFAULT VALUES")
        self.execute("INSERT INTO u DEFAULT VALUES")
        self.assertReset()

    def test_weird_names(self):
        """Names of any kind are quoted, those of the engine's own words, too."""
        table = '"Wéird ""quoted"" %s {x}"'
        self.check(
            (
                "CREATE SEQUENCE \"Sëq ''%d\"",
                'CREATE TABLE "k" ("x" int PRIMARY KEY, "k" int, "last" int,'
                ' "called" bool, "Cól ""q"" %s {y}" text)',
                "INSERT INTO k VALUES (1, 2, 3, true, 'a')",
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$BEGIN RAISE 'refused'; END$$",
                f"CREATE TABLE {table.replace('%s', '')} (x int)",
                f'CREATE TRIGGER "Trïg ""%s""" BEFORE DELETE'
                f" ON {table.replace('%s', '')} EXECUTE FUNCTION refuse()",
            ),
            (
                "SELECT nextval('\"Sëq ''''%d\"')",
                "UPDATE k SET last = 5, called = false, k = NULL",
                "DELETE FROM k",
                f"INSERT INTO {table.replace('%s', '')} VALUES (1)",
            ),
        )

    def test_types(self):
        """Values of unusual types, without equality even, come back."""
        self.check(
            (
                "CREATE TYPE e AS ENUM ('a', 'b')",
                "CREATE TYPE pair AS (a int, b text)",
                "CREATE TABLE t (id int PRIMARY KEY, e e[], p pair, j json, o point)",
                "INSERT INTO t VALUES (1, '{a,b}', '(1,x)', '{}', '(1,2)')",
            ),
            ("UPDATE t SET e = NULL, p = NULL, j = '[]', o = '(0,0)'",),
        )


class UnprivilegedTests(BaselineCase):
    def test_role_that_owns_its_schema_alone(self):
        """Resetting takes no privilege beyond owning the schema."""
        session = self.leased.session
        with role(f"{prefix()}_owner") as name:
            session.execute(f"ALTER SCHEMA {self.leased.schema} OWNER TO {name}")
            session.execute(f"SET SESSION AUTHORIZATION {name}")
            session.execute(
                "CREATE TABLE p (id serial PRIMARY KEY, x int);"
                "CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$BEGIN RAISE 'refused'; END$$;"
                "CREATE TRIGGER t BEFORE DELETE ON c EXECUTE FUNCTION refuse();"
                "INSERT INTO p (x) VALUES (1); INSERT INTO c VALUES (1)"
            )
            self.start()
            self.execute("UPDATE p SET x = 5; INSERT INTO p (x) VALUES (6)")
            self.execute("UPDATE c SET p = 2; INSERT INTO c VALUES (2)")
            self.assertReset()
            self.assertIsInstance(self.baseline, Baseline)
            session.execute("RESET SESSION AUTHORIZATION")
            session.execute(f"ALTER SCHEMA {self.leased.schema} OWNER TO postgres")
            session.execute(f"REASSIGN OWNED BY {name} TO postgres")
