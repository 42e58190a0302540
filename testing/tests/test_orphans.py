"""Orphans: schemas of processes that died are dropped, no others."""

from unittest import mock

from testing.clones import CloneLease
from testing.errors import SetupFailure
from testing.marks import LASTING, Mark
from testing.orphans import sweep_orphans
from testing.tests.apart_case import ApartCase
from testing.tests.clone_case import CloneCase
from testing.tests.probe import (
    extensions,
    make_schema,
    orphan,
    prefix,
    schema_exists,
)


class ClonesTests(CloneCase):
    def sweep(self):
        return sweep_orphans(self.probe, extensions_schema=extensions())

    def test_clone_that_cannot_be_dropped(self):
        """What somebody's session keeps is left to the next run."""
        name = self.clone_name("w3")
        self.make_database(name, comment=Mark("x", "in use"))
        with mock.patch.object(CloneLease, "drop", side_effect=SetupFailure("busy")):
            self.assertNotIn(name, self.sweep())
        self.assertEqual(self.own_databases(), ["w3"])
        self.sweep()
        self.assert_own_databases([])


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
