"""Statements that change what belongs to no schema are told from the others."""

from django.test import SimpleTestCase

from testing.shared_objects import reaches_beyond


class SharedObjectsTests(SimpleTestCase):
    def test_shared(self):
        """What lives beside the schemas, or above them, is for everybody."""
        for text in (
            "CREATE SCHEMA IF NOT EXISTS other",
            "ALTER DATABASE d SET work_mem = '1MB'",
            "SELECT 1; create SCHEMA u",
            "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
            "COMMENT ON SCHEMA other IS 'x'",
            "CREATE OR REPLACE TRUSTED LANGUAGE l",
            "CREATE PUBLICATION p FOR ALL TABLES",
            "CREATE SERVER s FOREIGN DATA WRAPPER w",
            "REVOKE CREATE ON DATABASE d FROM b",
            "GRANT USAGE ON SCHEMA other TO b",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO b",
            "SELECT lo_create(0)",
            "DROP OWNED BY b",
            "DO $$BEGIN IF true THEN CREATE SCHEMA r; END IF; END$$",
        ):
            with self.subTest(text=text):
                self.assertTrue(reaches_beyond(text))

    def test_own(self):
        """What lives in the schema is its own."""
        for text in (
            "CREATE TABLE role (schema int, database text)",
            "COMMENT ON COLUMN t.role IS 'CREATE ROLE r'",
            "CREATE TRIGGER t AFTER INSERT ON event EXECUTE FUNCTION f()",
            "GRANT SELECT ON t TO PUBLIC",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO b",
            "CREATE CAST (a AS b) WITH FUNCTION f(a)",
            "INSERT INTO t VALUES ('DROP SCHEMA r; CREATE SCHEMA r')",
            "GRANT a TO b",
            "DO $$BEGIN IF true THEN CREATE ROLE r; END IF; END$$",
            "DO $$BEGIN CREATE TABLE t (role int); END$$",
            "",
        ):
            with self.subTest(text=text):
                self.assertFalse(reaches_beyond(text))
