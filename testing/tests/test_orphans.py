"""Orphans: schemas of processes that died are dropped, no others."""

from django.db import connection

from testing.marks import LASTING
from testing.orphans import sweep_orphans
from testing.tests.probe import (
    ProbeCase,
    extensions,
    make_schema,
    orphan,
    prefix,
    schema_exists,
)


class SweepTests(ProbeCase):
    def test_sweep(self):
        """Left behind and free: dropped. Leased, lasting, or somebody else's: kept."""
        session = self.open_session()
        names = [f"{prefix()}_w{number}" for number in (5, 6, 7, 8)]
        make_schema(session, names[0], mark=orphan())
        make_schema(session, names[1], mark=orphan(state=LASTING[0]))
        make_schema(session, names[2], mark="the comment of somebody else")
        make_schema(session, names[3])
        leased = self.lease(1)
        leased.set_mark(fingerprint="x", state="in use")
        # Another run may sweep at the same time, so what is there counts.
        swept = sweep_orphans(connection, extensions_schema=extensions())
        self.assertTrue(set(names[1:]).isdisjoint(swept))
        for name, is_there in (
            (names[0], False),
            *((name, True) for name in (*names[1:], leased.schema)),
        ):
            with self.subTest(name=name):
                self.assertIs(schema_exists(session, name), is_there)
