"""A project with something of every kind runs on replayed schemas, in two workers."""

import json
from pathlib import Path

from django.db import connection

from testing.database import connect
from testing.tests.probe import (
    ProbeCase,
    database_name,
    drop_database,
    extensions,
    need_right,
    prefix,
)
from testing.tests.project import run, write_tree
from testing.tests.rich_project import FILES

# What the app `extended` is about.
EXTENSIONS = {
    *("citext", "hstore", "pg_trgm", "btree_gist", "btree_gin", "unaccent"),
    *("uuid-ossp", "pgcrypto", "postgis"),
}
# For what no journal sees or can repeat: where the replay differed, or why.
UNSEEN = {
    "driver": "its replay differs from what migrating gave in: columns, relations,",
    "copy": "its replay differs from what migrating gave in: rows of copied",
    "callproc": "its replay differs from what migrating gave in: sequences",
    "clock": "its replay differs from what migrating gave in: rows of clock",
    "random": "its replay differs from what migrating gave in: rows of rolled",
    "name": "a migration wrote the schema's name into: CREATE TABLE",
    "public": "a migration names the schema public: SELECT 1 FROM pg_indexes",
    "schema": "a migration changes what the schemas of a database share: CREATE",
}


class RichProjectCase(ProbeCase):
    def setUp(self):
        super().setUp()
        need_right("rolcreatedb")
        self.place = self.folder()
        self.addCleanup(drop_database, database_name())
        write_tree(self.place, FILES)

    def run_tests(self, *labels, apps, **variables):
        status, out, error = run(
            "test",
            *labels,
            "--parallel",
            "2",
            "-v",
            "2",
            PYTHONPATH=str(self.place),
            DJANGO_SETTINGS_MODULE="rich_settings",
            SLOT_PREFIX=prefix(),
            EXTENSIONS_SCHEMA=extensions(),
            CACHE_DIR=str(self.place / "cache"),
            TEST_DATABASE=database_name(),
            APPS=apps,
            **variables,
        )
        return status, out + error

    def journal(self):
        (path,) = Path(self.place / "cache").rglob("journal-*.json")
        return json.loads(path.read_text())


class RichProjectTests(RichProjectCase):
    def apps(self):
        """Return the apps that this server can have."""
        with connect(connection) as session:
            names = session.execute("SELECT name FROM pg_available_extensions")
            there = {row[0] for row in names} >= EXTENSIONS
        return ["rich", "extended"] if there else ["rich"]

    def test_every_kind(self):
        """Both workers have everything, and a reset puts everything back."""
        apps = self.apps()
        status, said = self.run_tests(*apps, apps=" ".join(["plain", *apps]))
        self.assertEqual(status, 0, said)
        self.assertRegex(said, rf"Worker \d: schema {prefix()}_w\d replayed")
        self.assertNotIn("are migrated", said)
        # Each of the three classes has a test that alters tables.
        self.assertEqual(said.count("It was built anew"), 3, said)
        self.assertIs(self.journal()["verified"], True)


class UnseenTests(RichProjectCase):
    def test_unseen(self):
        """What a journal cannot vouch for is migrated, or gets a database; told why."""
        for what, reason in UNSEEN.items():
            with self.subTest(what=what):
                for path in (self.place / "cache").rglob("*"):
                    if path.is_file():
                        path.unlink()
                name = "unseen/migrations/0001_initial.py"
                write_tree(self.place, {name: FILES[name].replace("UNSEEN", what)})
                status, said = self.run_tests("unseen", apps="unseen", UNSEEN=what)
                self.assertEqual(status, 0, said)
                self.assertIn(reason, said)
                self.assertIn(reason, self.journal()["refusal"])
