"""A reset gets along with every kind of constraint, and fires no trigger."""

from testing.tests.baseline_case import BaselineCase


class ForeignKeyTests(BaselineCase):
    def check(self, statements, changes):
        for statement in statements:
            self.leased.session.execute(statement)
        self.start()
        for change in changes:
            self.execute(change)
        self.assertReset()

    def test_immediate_reference(self):
        """References that cannot be deferred decide the order of deletions."""
        self.check(
            (
                "CREATE TABLE a_parent (id int PRIMARY KEY)",
                "CREATE TABLE b_child (id int PRIMARY KEY, p int REFERENCES a_parent)",
                "CREATE TABLE c_grandchild (id int PRIMARY KEY,"
                " p int REFERENCES b_child)",
                "INSERT INTO a_parent VALUES (1)",
                "INSERT INTO b_child VALUES (1, 1)",
            ),
            (
                "INSERT INTO a_parent VALUES (2)",
                "INSERT INTO b_child VALUES (2, 2)",
                "INSERT INTO c_grandchild VALUES (2, 2)",
                "DELETE FROM b_child WHERE id = 1",
                "DELETE FROM a_parent WHERE id = 1",
            ),
        )

    def test_restricting_reference(self):
        """ON DELETE RESTRICT is no obstacle."""
        self.check(
            (
                "CREATE TABLE a_parent (id int PRIMARY KEY)",
                "CREATE TABLE b_child (p int REFERENCES a_parent ON DELETE RESTRICT)",
            ),
            ("INSERT INTO a_parent VALUES (1)", "INSERT INTO b_child VALUES (1)"),
        )

    def test_circle(self):
        """Tables that refer to each other in a circle are emptied together."""
        self.check(
            (
                "CREATE TABLE a (id int PRIMARY KEY, b int)",
                "CREATE TABLE b (id int PRIMARY KEY, c int)",
                "CREATE TABLE c (id int PRIMARY KEY, a int REFERENCES a)",
                "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b",
                "ALTER TABLE b ADD FOREIGN KEY (c) REFERENCES c",
                "CREATE TABLE aside (id int PRIMARY KEY, a int REFERENCES a)",
            ),
            (
                "INSERT INTO c VALUES (1, NULL)",
                "INSERT INTO b VALUES (1, 1)",
                "INSERT INTO a VALUES (1, 1)",
                "UPDATE c SET a = 1",
                "INSERT INTO aside VALUES (1, 1)",
            ),
        )

    def test_circle_of_deferrable_references(self):
        """In a circle that can be deferred baseline rows come back, too."""
        later = "DEFERRABLE INITIALLY DEFERRED"
        self.check(
            (
                "CREATE TABLE a (id int PRIMARY KEY, b int)",
                f"CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a {later})",
                f"ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b {later}",
                "BEGIN; INSERT INTO a VALUES (1, 1);"
                " INSERT INTO b VALUES (1, 1); COMMIT",
            ),
            ("BEGIN; DELETE FROM a; DELETE FROM b; INSERT INTO a VALUES (2); COMMIT",),
        )

    def test_reference_to_itself(self):
        """A table that refers to itself is emptied and restored."""
        self.check(
            (
                "CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES t)",
                "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2)",
            ),
            (
                "DELETE FROM t WHERE id IN (2, 3)",
                "UPDATE t SET p = 1 WHERE id = 1",
                "INSERT INTO t VALUES (7, 1), (8, 7)",
            ),
        )

    def test_cascade(self):
        """What the database deleted by a cascade comes back."""
        self.check(
            (
                "CREATE TABLE p (id int PRIMARY KEY)",
                "CREATE TABLE c (id int PRIMARY KEY,"
                " p int REFERENCES p ON DELETE CASCADE)",
                "CREATE TABLE n (id int PRIMARY KEY,"
                " p int REFERENCES p ON DELETE SET NULL)",
                "INSERT INTO p VALUES (1), (2)",
                "INSERT INTO c VALUES (1, 1), (2, 2)",
                "INSERT INTO n VALUES (1, 1), (2, 2)",
            ),
            (
                "INSERT INTO p VALUES (3)",
                "UPDATE c SET p = 3 WHERE id = 2",
                "DELETE FROM p WHERE id = 1",
            ),
        )

    def test_other_constraints(self):
        """Check, exclusion and deferrable unique constraints hold at the end."""
        self.check(
            (
                "CREATE TABLE t (id int PRIMARY KEY, r int4range,"
                " u int UNIQUE DEFERRABLE, CHECK (u > 0),"
                " EXCLUDE USING gist (r WITH &&))",
                "INSERT INTO t VALUES (1, '[1,5)', 1), (2, '[5,9)', 2)",
            ),
            (
                "BEGIN; UPDATE t SET u = 3 - u; COMMIT",
                "UPDATE t SET r = '[20,21)' WHERE id = 1",
                "INSERT INTO t VALUES (3, '[1,2)', 3)",
            ),
        )


class TriggerTests(BaselineCase):
    statements = (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE 'append only'; END$$",
        "CREATE TABLE audit (id serial PRIMARY KEY, what text)",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN INSERT INTO audit (what) VALUES (TG_TABLE_NAME || TG_OP);"
        " RETURN NULL; END$$",
        "CREATE TABLE ledger (id int PRIMARY KEY, x int)",
        "CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger"
        " FOR EACH ROW EXECUTE FUNCTION refuse()",
        "CREATE TABLE watched (id int PRIMARY KEY)",
        "CREATE TRIGGER each_statement AFTER INSERT OR UPDATE OR DELETE ON watched"
        " FOR EACH STATEMENT EXECUTE FUNCTION note()",
        "CREATE TABLE watched_rows (id int PRIMARY KEY, x int)",
        "CREATE TRIGGER each_row AFTER INSERT OR UPDATE OR DELETE ON watched_rows"
        " FOR EACH ROW EXECUTE FUNCTION note()",
        "INSERT INTO ledger VALUES (1, 1)",
        "INSERT INTO watched_rows VALUES (1, 1)",
    )

    def setUp(self):
        super().setUp()
        self.start()

    def test_append_only_table(self):
        """A table that forbids deletion is reset all the same, and still forbids."""
        self.execute("INSERT INTO ledger VALUES (2, 2)")
        self.assertReset()
        with self.assertRaisesMessage(Exception, "append only"):
            self.execute("DELETE FROM ledger")

    def test_audit_trail(self):
        """The reset itself leaves no trail."""
        self.execute("INSERT INTO watched VALUES (1)")
        self.execute("UPDATE watched_rows SET x = 5")
        self.assertReset()
        self.assertReset()
        self.execute("INSERT INTO watched VALUES (1)")
        self.assertEqual(self.value("SELECT count(*) FROM audit"), 2)

    def test_failed_reset(self):
        """A reset that fails leaves triggers as they were."""
        self.execute("INSERT INTO ledger VALUES (2, 2)")
        self.leased.session.execute("SET lock_timeout TO '50ms'")
        self.execute("UPDATE watched_rows SET x = 8")
        self.execute("BEGIN; UPDATE watched_rows SET x = 9")
        with self.assertRaisesMessage(Exception, "could not be reset"):
            self.baseline.reset()
        self.execute("ROLLBACK")
        mode = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'append_only'"
        self.assertEqual(self.value(f"{mode} AND tgrelid = 'ledger'::regclass"), "O")


class TriggerModesTests(BaselineCase):
    statements = (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE 'refused'; END$$",
    )

    def test_trigger_modes(self):
        """Triggers that were always on, for replicas or off are so again."""
        modes = {"ENABLE ALWAYS": "A", "ENABLE REPLICA": "R", "DISABLE": "D"}
        for number, mode in enumerate(modes):
            self.leased.session.execute(
                f"CREATE TABLE m{number} (x int);"
                f"CREATE TRIGGER t BEFORE UPDATE ON m{number}"
                " EXECUTE FUNCTION refuse();"
                f"CREATE TRIGGER u BEFORE UPDATE ON m{number}"
                " EXECUTE FUNCTION refuse();"
                f"ALTER TABLE m{number} {mode} TRIGGER t"
            )
        self.start()
        for number in range(3):
            self.execute(f"INSERT INTO m{number} VALUES (1)")
        self.assertReset()
        found = self.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger"
            " WHERE tgrelid::regclass::text ~ '^m[0-9]$' ORDER BY 1, 2"
        ).fetchall()
        expected = []
        for number, letter in enumerate(modes.values()):
            expected += [(f"m{number}", "t", letter), (f"m{number}", "u", "O")]
        self.assertEqual(found, expected)
