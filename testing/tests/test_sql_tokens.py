"""SQL as text: its tokens, its statements, the schemas that it names."""

from django.test import SimpleTestCase

from testing.sql_tokens import names_schema, split_statements, tokens_of


class TokensTests(SimpleTestCase):
    def test_kinds(self):
        """Words, names, literals and marks are told apart, comments left out."""
        text = (
            "SELECT \"A \"\"b\"\"\", 'it''s' || E'a\\'b' -- c 'd\n /* e /* f */ ' */"
            " || $x$ $$ ' $x$, $$y$$ FROM Public.t_1 WHERE 1.5e3=a$1"
        )
        self.assertEqual(
            [(token.kind, token.value) for token in tokens_of(text)],
            [
                ("word", "select"),
                ("name", 'A "b"'),
                ("mark", ","),
                ("string", "it's"),
                ("mark", "|"),
                ("mark", "|"),
                ("string", "a\\'b"),
                ("mark", "|"),
                ("mark", "|"),
                ("dollar", " $$ ' "),
                ("mark", ","),
                ("dollar", "y"),
                ("word", "from"),
                ("word", "public"),
                ("mark", "."),
                ("word", "t_1"),
                ("word", "where"),
                ("number", "1.5e3"),
                ("mark", "="),
                ("word", "a$1"),
            ],
        )

    def test_unfinished_text(self):
        """Text that ends in the middle of something is read to its end."""
        for text in ("SELECT 'a", 'SELECT "a', "SELECT $$a", "SELECT 1 /* a"):
            with self.subTest(text=text):
                self.assertEqual(tokens_of(text)[0].value, "select")


class StatementsTests(SimpleTestCase):
    def assertParts(self, *parts):
        self.assertEqual(split_statements(";".join(parts) + ";"), list(parts))

    def test_semicolons(self):
        """Semicolons in literals, names and comments separate nothing."""
        self.assertParts(
            "SELECT ';'", 'SELECT ";"', "SELECT 1 /* ; */ + 1", "DO $$BEGIN; END;$$"
        )

    def test_empty_statements(self):
        """Nothing, space and comments are no statements."""
        self.assertEqual(split_statements(" ; ;; -- a;\n"), [])
        self.assertEqual(split_statements("-- a\nSELECT 1\n-- b"), ["SELECT 1"])

    def test_rule(self):
        """The actions of a rule stay together."""
        self.assertParts(
            "CREATE RULE r AS ON DELETE TO t DO (SELECT 1; SELECT 2)", "SELECT 3"
        )

    def test_atomic_body(self):
        """A function's body in standard SQL stays together."""
        self.assertParts(
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;"
            " SELECT CASE WHEN true THEN 2 END; END",
            "SELECT 3",
        )

    def test_transaction(self):
        """The words that begin and end a transaction are statements."""
        self.assertParts("BEGIN", "SELECT 1", "END", "BEGIN", "COMMIT")


class NamesSchemaTests(SimpleTestCase):
    def test_named(self):
        """What reaches into the schema, by name or through the catalog, is found."""
        for text in (
            "CREATE TABLE public.t ()",
            'SELECT * FROM "public"."t"',
            "SELECT * FROM a JOIN PUBLIC . b ON true",
            "SELECT public.f(1)",
            "CREATE SCHEMA IF NOT EXISTS public",
            "REVOKE ALL ON SCHEMA a, public FROM PUBLIC",
            "ALTER TABLE t SET SCHEMA public",
            "SET SCHEMA 'public'",
            "SET search_path = a, public",
            "SET LOCAL search_path TO 'public'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = public"
            " AS 'SELECT 1'",
            "SELECT set_config('search_path', 'a, public', true)",
            "SELECT 1 FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT 1 FROM information_schema.tables WHERE table_schema IN ('public')",
            "SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace",
            "SELECT 'public.t'::regclass",
            "SELECT to_regclass('public.t')",
            'SELECT setval(\'"public"."s"\', 3)',
            "SELECT setval(pg_get_serial_sequence('public.t', 'id'), 3)",
            "DO $$BEGIN PERFORM 1 FROM pg_tables WHERE schemaname = 'public'; END$$",
            "DO $$BEGIN EXECUTE 'DROP TABLE public.t'; END$$",
            "DO $$BEGIN EXECUTE format('DROP TABLE %I.t', 'public'); END$$",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM public.t'",
            "SELECT 1; SELECT 2 FROM public.t",
            "/* public */ SELECT public.f()",
        ):
            with self.subTest(text=text):
                self.assertTrue(names_schema(text, "public"))

    def test_not_named(self):
        """The word alone is a value, a column, a role or a comment."""
        for text in (
            "SELECT 1 -- public.t",
            "SELECT 1 /* public.t */",
            "INSERT INTO t VALUES ('public')",
            "INSERT INTO t VALUES ('public.t'), ('schema public')",
            "INSERT INTO t (note) VALUES ($$see public.t$$)",
            "UPDATE t SET schema = 'public' WHERE visibility IN ('public.x')",
            'SELECT "t"."public" FROM "t" WHERE "t"."public"',
            "SELECT public FROM t",
            "SELECT schema, public FROM t",
            "SELECT public AS schema",
            "SELECT is_public(1), a.public(1)",
            "GRANT SELECT ON t TO PUBLIC",
            "SET search_path =",
            "CREATE TYPE visibility AS ENUM ('public', 'private')",
            "CREATE TABLE t (v text DEFAULT 'public' CHECK (v <> 'public'))",
            "CREATE POLICY p ON t TO public USING (v = 'public')",
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN IF NEW.v = 'public' THEN NEW.is_public := true; END IF;"
            " RETURN NEW; END$$",
            "SELECT publication.name FROM publication",
            "COMMENT ON TABLE t IS 'may be public'",
            "SELECT 1",
            "",
        ):
            with self.subTest(text=text):
                self.assertFalse(names_schema(text, "public"))
