"""The options of a run, read in every form."""

import argparse
import os
import tempfile
from pathlib import Path
from unittest import TestCase, mock

from django.core.management.base import CommandParser

from testing.bdd.options import (
    RunOptions,
    add_run_options,
    chosen_seed,
    count_value,
    natural,
    positive,
    seed_value,
    shard_value,
)
from testing.errors import UsageError


def read(line):
    parser = CommandParser(called_from_command_line=False)
    add_run_options(parser)
    return RunOptions.read(vars(parser.parse_args(line.split())))


class ReadTests(TestCase):
    def test_defaults(self):
        """Without options all is as the class says, by whatever way it is called."""
        self.assertEqual(read(""), RunOptions())
        self.assertEqual(RunOptions.read({}), RunOptions())
        self.assertEqual(RunOptions.read({"verbosity": 1}), RunOptions())

    def test_everything(self):
        """Each option arrives in its own type."""
        chosen = read(
            "-j 3 --parallel-by package --timeout 2.5 --step-timeout 1 --random 7 "
            "--rerun-failed --repeat 4 --retries 2 --fail-on-flaky --keep-failed "
            "--check-leaks --shard 2/3 --events e --report-html h --report-junit j "
            "--report-messages m"
        )
        expected = RunOptions(
            parallel=3,
            parallel_by="package",
            timeout=2.5,
            step_timeout=1.0,
            random=7,
            rerun_failed=True,
            repeat=4,
            retries=2,
            fail_on_flaky=True,
            keep_failed=True,
            check_leaks=True,
            shard=(2, 3),
            events=Path("e"),
            report_html=Path("h"),
            report_junit=Path("j"),
            report_messages=Path("m"),
        )
        self.assertEqual(chosen, expected)
        replayed = read("--replay r --replay-worker 2 --parallel 1")
        self.assertEqual((replayed.replay, replayed.replay_worker), (Path("r"), 2))
        self.assertEqual(read("--bisect a.feature:3").bisect, "a.feature:3")

    def test_given(self):
        """What differs from the default is known by the name it is written with."""
        line = "-j 3 --parallel-by scenario --report-html h --retries 0"
        self.assertEqual(read(line).given(), ["--parallel-by", "--report-html"])
        self.assertEqual(read("").given(), [])

    def test_files_of_runs(self):
        """Each of several runs has files of its own, one run alone those given."""
        line = "--events a/e.jsonl --report-html r.html"
        self.assertEqual(read(line).of_run(1), read(line))
        second = read(f"{line} --repeat 3").of_run(2)
        self.assertEqual(second.events, Path("a/e-2.jsonl"))
        self.assertEqual(second.report_html, Path("r-2.html"))
        self.assertIsNone(second.report_junit)


class UnwritableTests(TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)

    def assertRefused(self, path, reason):
        for option in ("--events", "--report-html", "--report-junit"):
            with (
                self.subTest(option=option),
                self.assertRaises(UsageError) as caught,
            ):
                read(f"{option} {path}")
            self.assertIn(f"{option} names {path}, and {reason}", str(caught.exception))

    def test_folders(self):
        """A folder, or a file in the place of one, is refused before anything runs."""
        self.assertRefused(self.folder, "that is a folder, so")
        file = self.folder / "file"
        file.touch()
        self.assertRefused(file / "x.html", f"{file} is no folder, so")

    def test_no_right(self):
        """A place that this user may not write to is named."""
        with mock.patch("os.access", side_effect=lambda _, mode: mode == os.F_OK):
            self.assertRefused(
                self.folder / "x.html", f"you may not write to {self.folder}/x.html"
            )

    def test_fit_files(self):
        """A new file, one in a folder to be made, a former one and a device are fit."""
        (self.folder / "old.html").touch()
        for name in ("new.html", "a/b/new.html", "old.html"):
            path = self.folder / name
            self.assertEqual(read(f"--report-html {path}").report_html, path)
        self.assertEqual(read("--events /dev/null").events, Path("/dev/null"))
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["old.html"])


class ValueTests(TestCase):
    def test_unfit_values(self):
        """Values without a meaning are refused with what is expected."""
        for read_value, texts, words in (
            (positive, ("0", "-1", "x", ""), "no number of seconds above 0"),
            (count_value, ("0", "-1", "1.5", "x", ""), "no number from 1"),
            (natural, ("-1", "1.5", "x", ""), "no number from 0"),
            (seed_value, ("1.5", "features", "", "-"), "no seed: give a whole number"),
            (
                shard_value,
                ("0/2", "3/2", "1", "1/", "/2", "a/b", "1/2/3", "-1/2", "1/0"),
                "no shard: write 1/4",
            ),
        ):
            for text in texts:
                with (
                    self.subTest(read_value=read_value.__name__, text=text),
                    self.assertRaisesRegex(argparse.ArgumentTypeError, words),
                ):
                    read_value(text)

    def test_fit_values(self):
        """Numbers are numbers; the last shard is one too."""
        self.assertEqual(positive("0.25"), 0.25)
        self.assertEqual((count_value("1"), natural("0")), (1, 0))
        self.assertEqual((seed_value("7"), seed_value("-7")), (7, -7))
        self.assertEqual(shard_value("4/4"), (4, 4))

    def test_seed(self):
        """A seed is kept, none is none, and one is made up where it was left open."""
        self.assertEqual(chosen_seed(0), 0)
        self.assertIsNone(chosen_seed(None))
        made_up = {chosen_seed(-1) for _ in range(5)}
        self.assertGreater(len(made_up), 1)
        self.assertGreaterEqual(min(made_up), 0)
