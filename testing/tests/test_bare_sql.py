"""SQL reduced to what is executed: comments, texts, names and programs."""

from unittest import TestCase

from testing.bare_sql import bare_sql


class BareSqlTests(TestCase):
    def test_literals(self):
        """Literals are replaced in all their forms; what they say is kept."""
        for sql, text, literals in (
            ("SELECT 'a''b', 1", "SELECT '', 1", ["a'b"]),
            (r"SELECT 'a\', 1", "SELECT '', 1", ["a\\"]),
            ("SELECT $$a'b$$, 1", "SELECT '', 1", ["a'b"]),
            ("SELECT $x$a$$b$x$, 1", "SELECT '', 1", ["a$$b"]),
            ("SELECT $1, a$b$c", "SELECT $1, a$b$c", []),
        ):
            with self.subTest(sql=sql):
                found = bare_sql(sql)
                self.assertEqual((found.text, found.literals), (text, literals))

    def test_names(self):
        """Quoted names stay; of odd ones only that they are there."""
        for sql, text in (
            ('SELECT "a""b;--" FROM "x"', 'SELECT "_" FROM "x"'),
            ('SELECT "it\'s", 1', 'SELECT "_", 1'),
            ('SELECT "/*"."B$1"', 'SELECT "_"."B$1"'),
        ):
            self.assertEqual(bare_sql(sql).text, text)

    def test_comments(self):
        """Comments and space become a space; quotes in comments mean nothing."""
        for sql, text in (
            ("a -- it's\nb", "a b"),
            ("a /* it's */ b", "a b"),
            ("a\n/* x /* y */ z */\tb", "a b"),
            ("a.b", "a.b"),
        ):
            with self.subTest(sql=sql):
                self.assertEqual(bare_sql(sql).text, text)

    def test_programs(self):
        """Bodies of functions and DO blocks are programs; other texts are data."""
        for sql, programs in (
            ("DO $$BEGIN NULL; END$$", ["BEGIN NULL; END"]),
            ("DO LANGUAGE plpgsql 'x'", ["x"]),
            ("CREATE FUNCTION f() RETURNS int AS $b$x$b$ LANGUAGE sql", ["x"]),
            ("SELECT 1; CREATE OR REPLACE PROCEDURE p(a text DEFAULT 'd') AS 'x'", "x"),
            ("SELECT 'x' AS a, $$y$$", []),
            ("CREATE TABLE t AS SELECT 'x'", []),
            ("CREATE FUNCTION f() AS $$a$$; SELECT 1 AS $$b$$", ["a"]),
        ):
            with self.subTest(sql=sql):
                found = [one.text for one in bare_sql(sql).programs]
                self.assertEqual(found, list(programs))

    def test_executed(self):
        """In a program, what it executes is a program; elsewhere it is not."""
        found = bare_sql("DO $$ BEGIN EXECUTE format('a %I', 'b'); x := 'c'; END $$")
        self.assertEqual([one.text for one in found.parts()][2:], ["a %I"])
        self.assertEqual(bare_sql("EXECUTE 'a'").programs, [])
