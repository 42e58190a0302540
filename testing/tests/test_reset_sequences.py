"""Sequences go back to where they stood, on servers of any version."""

from psycopg.sql import SQL

from testing.inventory import take_inventory
from testing.reset_sequences import READS_ALL, positions_query, rewind
from testing.tests.probe import ProbeCase


class RewindTests(ProbeCase):
    def setUp(self):
        super().setUp()
        lease = self.lease()
        self.session = lease.session
        self.session.execute(
            "CREATE SEQUENCE fresh; CREATE SEQUENCE used START 7;"
            'CREATE SEQUENCE "Od""d %s" MINVALUE -5 START -5 INCREMENT 2;'
            "SELECT nextval('used'), nextval('used'), nextval('\"Od\"\"d %s\"')"
        )
        self.sequences = take_inventory(self.session, schema=lease.schema).sequences
        self.versions = [170000]
        if self.session.info.server_version >= READS_ALL:
            self.versions.append(READS_ALL)

    def positions(self, version):
        query = positions_query(self.sequences, server_version=version)
        return {
            oid: (last, called) for oid, last, called in self.session.execute(query)
        }

    def test_there_and_back(self):
        """Each way reads the same, and puts back what was moved, whichever way."""
        before = self.positions(170000)
        self.assertEqual(sorted(before.values()), [(-5, True), (1, False), (8, True)])
        for version in self.versions:
            with self.subTest(version=version):
                self.assertEqual(self.positions(version), before)
                self.session.execute(
                    "SELECT nextval('fresh'), nextval('used'), setval('used', 99)"
                )
                body = rewind(self.sequences, before, server_version=version)
                self.session.execute(
                    SQL(
                        "DO $$DECLARE thing record; last bigint; called boolean;"
                        " BEGIN {} END$$"
                    ).format(body)
                )
                self.assertEqual(self.positions(version), before)

    def test_none(self):
        """Without a sequence there is nothing to ask and nothing to do."""
        for version in self.versions:
            self.assertIsNone(positions_query([], server_version=version))
            self.assertEqual(rewind([], {}, server_version=version), SQL(""))
