"""A feature's text and model: parsed again as it was, and away in between."""

import gc
import weakref
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from behave.model import Feature
from behave.model_type import FileLocation
from behave.parser import parse_feature, parse_file
from django.test import SimpleTestCase

from testing.bdd.feature_file import FeatureFile, Models, read_features, shuffle
from testing.errors import SetupFailure
from testing.tests.bdd.unit_cases import MIXED, SERIAL, parse

MODULE = "testing.bdd.feature_file"


def told(file):
    """Return what tells statements apart."""
    return [
        (one.type, one.name, one.line, str(one.location)) for one in file.statements
    ]


class FeatureFileTests(SimpleTestCase):
    def test_parsed_again(self):
        """What was put away comes back the same, as other objects."""
        for leave in (FeatureFile.put_away, FeatureFile.take_apart):
            with self.subTest(leave=leave.__name__):
                (file,) = parse(MIXED)
                before, model = told(file), weakref.ref(file.model)
                leave(file)
                gc.collect()
                self.assertIsNone(model())
                self.assertEqual(told(file), before)
                self.assertIs(file.model, file.model)

    def test_freed_at_once(self):
        """Nothing of a model that is taken apart waits for the garbage collector."""
        (file,) = parse(MIXED)
        parts = [weakref.ref(one) for one in file.statements]
        gc.disable()
        self.addCleanup(gc.enable)
        file.take_apart()
        self.assertEqual([part() for part in parts], [None] * len(parts))

    def test_lines_left_out(self):
        """What line numbers left out is left out of each model."""
        feature = parse_feature(SERIAL, filename="a.feature")
        feature.scenarios[1].mark_skipped()
        file = FeatureFile(feature, text=SERIAL)
        self.assertEqual(file.excluded, {3})
        file.put_away()
        skipped = [one.should_skip for one in file.model.scenarios]
        self.assertEqual(skipped, [False, True])

    def test_kept(self):
        """A model that a hook has seen, and may have changed, is there to stay."""
        first, second, third = files = parse(MIXED, SERIAL, SERIAL)
        models = Models(files)
        self.assertEqual(len(models), 3)
        models[0].name = "Changed"
        (other,) = models[1:2]
        for file in files:
            file.put_away()
            file.take_apart()
        self.assertEqual(first.model.name, "Changed")
        self.assertIs(second.model, other)
        self.assertEqual([one.name for one in models], ["Changed", "Serial", "Serial"])
        self.assertIs(third.model, models[2])

    def test_lent(self):
        """What was there stays, what was away is away again, whatever happens."""
        (file,) = parse(MIXED)
        model = file.model
        with file.lent() as statements:
            self.assertIs(statements[0], model)
        self.assertIs(file.model, model)
        file.put_away()
        with self.assertRaises(LookupError), file.lent() as (feature, *_):
            lent = weakref.ref(feature)
            self.assertEqual(feature.name, "Mixed")
            del feature
            raise LookupError
        self.assertIsNone(lent())

    def test_edited_during_the_run(self):
        """The run goes on with what the file said when it began."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "a.feature"
            path.write_bytes(MIXED.replace("\n", "\r\n").encode())
            file = FeatureFile.read(parse_file(str(path)))
            before = told(file)
            path.write_text("Feature: Another\n")
            file.put_away()
            self.assertEqual(told(file), before)

    def test_edited_while_read(self):
        """Whoever edits it in that very moment is asked to run again."""
        file = FeatureFile(parse_feature(MIXED, filename="a.feature"), text=SERIAL)
        file.put_away()
        with self.assertRaisesMessage(SetupFailure, "a.feature was changed while"):
            file.model  # noqa: B018 - reading it parses

    def test_big_suite(self):
        """Of a suite that is big the first models stay until the run begins."""
        with TemporaryDirectory() as folder, mock.patch(f"{MODULE}.HELD", 8):
            paths = [Path(folder) / f"{name}.feature" for name in "abc"]
            for path in paths:
                path.write_text(MIXED)
            places = [FileLocation(str(path)) for path in paths]
            places.insert(1, FileLocation(str(paths[0]), 5))
            files = read_features(places, language=None)
        self.assertEqual([Path(one.filename).stem for one in files], ["a", "b", "c"])
        self.assertEqual([one.scenarios for one in files], [5, 5, 5])
        models = [one for one in gc.get_objects() if type(one) is Feature]
        there = [
            any(one.filename == model.filename for model in models) for one in files
        ]
        self.assertEqual(there, [True, False, False])

    def test_language(self):
        """It is read in the language that was asked for."""
        text = "Funktionalität: Eins\n  Szenario: Zwei\n    * drei\n"
        feature = parse_feature(text, language="de", filename="a.feature")
        file = FeatureFile(feature, text=text, language="de")
        file.put_away()
        self.assertEqual(file.model.name, "Eins")


class ShuffleTests(SimpleTestCase):
    TEXT = "Feature: Many\n" + "".join(
        f"  Scenario: {number}\n    * step {number}\n" for number in range(20)
    )

    def test_seed_decides(self):
        """The same seed gives the same order, another one another."""
        orders = []
        for seed in (1, 1, 2):
            feature = parse_feature(self.TEXT)
            shuffle(feature, seed=seed)
            orders.append([item.name for item in feature.run_items])
        self.assertEqual(orders[0], orders[1])
        self.assertNotEqual(orders[0], orders[2])
        self.assertEqual(sorted(orders[0]), sorted(orders[2]))

    def test_rows_of_outlines(self):
        """Rows of an outline are put in another order, too, and none is lost."""
        rows = "".join(f"      | {number} |\n" for number in range(20))
        feature = parse_feature(
            "Feature: Rows\n  Scenario Outline: Row\n    * step <n>\n"
            f"    Examples:\n      | n |\n{rows}"
        )
        (outline,) = feature.run_items
        before = [row.name for row in outline.scenarios]
        shuffle(feature, seed=1)
        after = [row.name for row in outline.scenarios]
        self.assertNotEqual(before, after)
        self.assertEqual(sorted(before), sorted(after))
