"""Hazards by their text: each kind in many forms, and harmless look-alikes."""

from unittest import TestCase

from testing.hazards import (
    KINDS,
    depends_on_values,
    find_hazards,
    may_be_hazard,
    shortened,
)
from testing.tests.hazard_table import HARMLESS, HAZARDS, WITH_PARAMS


class FindHazardsTests(TestCase):
    def test_kinds(self):
        """Each kind is known in each of its forms."""
        self.assertEqual(HAZARDS.keys(), KINDS.keys())
        for kind, statements in HAZARDS.items():
            for statement in statements:
                with self.subTest(kind=kind, statement=statement):
                    self.assertIn(kind, find_hazards(statement))

    def test_harmless(self):
        """What only looks like a hazard is none."""
        for statement in HARMLESS:
            with self.subTest(statement=statement):
                self.assertEqual(find_hazards(statement), [])

    def test_params(self):
        """Values count where they name a schema or setting, and nowhere else."""
        for statement, params, kind in WITH_PARAMS:
            with self.subTest(statement=statement, params=params):
                expected = [kind] if kind else []
                self.assertEqual(find_hazards(statement, params), expected)

    def test_several(self):
        """A statement may have several kinds; each is named once."""
        self.assertEqual(
            find_hazards("SELECT pg_notify('a', 'b'), pg_notify('c', 'd'); LISTEN x"),
            ["notification"],
        )
        self.assertEqual(
            sorted(
                find_hazards(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = 'x'"
                )
            ),
            ["activity", "session"],
        )

    def test_quick_look(self):
        """Usual queries are let pass at once; every hazard is looked at."""
        for statement in (
            'SELECT "users_user"."id" FROM "users_user" WHERE "users_user"."id" = %s',
            'INSERT INTO "t" ("a") VALUES (%s) RETURNING "t"."id"',
            'SAVEPOINT "s1_x2"',
            'ROLLBACK TO SAVEPOINT "s1_x2"',
        ):
            self.assertIs(may_be_hazard(statement), False, statement)
        for statements in HAZARDS.values():
            for statement in statements:
                self.assertIs(may_be_hazard(statement), True, statement)

    def test_values(self):
        """Texts whose values decide are known; those of others are not."""
        for statement, _, kind in WITH_PARAMS:
            if kind:
                self.assertIs(depends_on_values(statement), True, statement)
        self.assertIs(depends_on_values("INSERT INTO t VALUES (%s)"), False)


class ShortenedTests(TestCase):
    def test_shortened(self):
        """A statement becomes one line, short, without its passwords."""
        self.assertEqual(shortened("SELECT\n   1"), "SELECT 1")
        self.assertEqual(
            shortened("CREATE ROLE x PASSWORD 'it'"), "CREATE ROLE x PASSWORD '***'"
        )
        long = shortened("SELECT " + "x, " * 100)
        self.assertEqual(len(long), 120)
        self.assertTrue(long.endswith("…"))
