"""Rows carried over: all of them, in any order of references, sequences too."""

from testing.tests.clone_case import CloneCase
from testing.transfer import transfer_rows

TABLES = """
CREATE TABLE parent (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text,
                     twice text GENERATED ALWAYS AS (name || name) STORED);
CREATE TABLE child (id serial PRIMARY KEY, parent int NOT NULL
                    REFERENCES parent DEFERRABLE INITIALLY DEFERRED, data bytea);
CREATE TABLE bare ();
CREATE TABLE log (line text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN INSERT INTO log VALUES (TG_OP); RETURN NULL; END$$;
CREATE TRIGGER noting AFTER INSERT OR DELETE ON child
  FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER always AFTER INSERT ON child
  FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER never AFTER INSERT ON child
  FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE child ENABLE ALWAYS TRIGGER always, DISABLE TRIGGER never;
CREATE TABLE lasting (id int PRIMARY KEY);
CREATE RULE lasts AS ON DELETE TO lasting DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW unread AS SELECT name FROM parent WITH NO DATA;
CREATE MATERIALIZED VIEW names AS SELECT name FROM parent WHERE name IS NOT NULL;
"""


class TransferTests(CloneCase):
    def test_from_schema_to_clone(self):
        """The clone's public schema then holds what the schema held, nothing else."""
        lease = self.lease()
        clone = self.clone()
        clone.open()
        for session in (lease.session, clone.session):
            session.execute(TABLES)
        lease.session.execute(
            "INSERT INTO bare SELECT FROM generate_series(1, 3);"
            "INSERT INTO parent (name) VALUES ('a'), (E'b\\t\\n\\\\N'), (NULL);"
            "INSERT INTO child (parent, data) VALUES (2, '\\x00ff'), (3, NULL);"
            "DELETE FROM log; INSERT INTO log VALUES ('of the source');"
            "REFRESH MATERIALIZED VIEW names"
        )
        clone.session.execute(
            "INSERT INTO lasting VALUES (1);"
            "INSERT INTO parent (name) VALUES ('gone');"
            "INSERT INTO child (parent) VALUES (1)"
        )
        transfer_rows(
            lease.session,
            clone.session,
            source_schema=lease.schema,
            target_schema=clone.schema,
        )
        found = clone.session.execute("SELECT count(*) FROM lasting").fetchone()
        self.assertEqual(found, (0,))
        for query in (
            "SELECT * FROM parent ORDER BY id",
            "SELECT * FROM child ORDER BY id",
            "SELECT * FROM log",
            "SELECT count(*) FROM bare",
            "SELECT * FROM names ORDER BY name",
            "SELECT last_value, is_called FROM parent_id_seq",
            "SELECT last_value, is_called FROM child_id_seq",
            "SELECT matviewname, ispopulated FROM pg_matviews"
            " WHERE schemaname = current_schema() ORDER BY 1",
            "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal"
            " AND tgrelid = 'child'::regclass ORDER BY 1",
            "SELECT rulename, ev_enabled FROM pg_rewrite"
            " WHERE ev_class = 'lasting'::regclass",
        ):
            with self.subTest(query=query):
                expected = lease.session.execute(query).fetchall()
                self.assertTrue(expected)
                self.assertEqual(clone.session.execute(query).fetchall(), expected)
        clone.session.execute("INSERT INTO child (parent) VALUES (1)")
        (lines,) = clone.session.execute("SELECT count(*) FROM log").fetchone()
        # One of the source, and one each of the two triggers that fire.
        self.assertEqual(lines, 3)
