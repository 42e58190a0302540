"""Orphans: schemas of processes that died are dropped, no others."""

from testing.marks import LASTING
from testing.orphans import sweep_orphans
from testing.tests.apart_case import ApartCase
from testing.tests.probe import (
    extensions,
    make_schema,
    orphan,
    prefix,
    schema_exists,
)


class SweepTests(ApartCase):
    def test_sweep(self):
        """Left behind and free: dropped. Leased, lasting, or somebody else's: kept."""
        leased = self.lease(1)
        leased.set_mark(fingerprint="x", state="in use")
        dead = [f"{prefix()}_building", f"{prefix()}_in_use", f"{prefix()}_recorded"]
        for name, state in zip(dead, ("building", "in use", "recorded"), strict=True):
            make_schema(self.session, name, mark=orphan(state=state))
        kept = {
            f"{prefix()}_lasting": orphan(state=LASTING[0]),
            f"{prefix()}_foreign": "the comment of somebody else",
            f"{prefix()}_bare": None,
        }
        for name, mark in kept.items():
            make_schema(self.session, name, mark=mark)
        swept = sweep_orphans(self.probe, extensions_schema=extensions())
        self.assertEqual(sorted(swept), dead)
        for name in dead:
            self.assertIs(schema_exists(self.session, name), False, name)
        for name in (*kept, leased.schema):
            self.assertIs(schema_exists(self.session, name), True, name)
