"""The options of a run: read in every form, and refused where they clash."""

import argparse
from pathlib import Path
from unittest import TestCase

from django.core.management.base import CommandParser

from testing.bdd.options import (
    RunOptions,
    add_run_options,
    chosen_seed,
    count_value,
    natural,
    positive,
    shard_value,
)
from testing.errors import UsageError

CLASHES = (
    ("--replay x", "--random", "it repeats what one worker did"),
    ("--replay x", "--shard 1/2", "it repeats what one worker did"),
    ("--replay x", "--rerun-failed", "it repeats what one worker did"),
    ("--replay x", "--bisect a:1", "it repeats what one worker did"),
    ("--replay x", "--retries 1", "it repeats what one worker did"),
    ("--replay x", "--parallel 2", "it repeats what one worker did"),
    ("--bisect a:1", "--repeat 2", "it runs the features many times by itself"),
    ("--random 7", "--failed-first", "both decide the order"),
    ("--fail-on-flaky", "no --retries", "without retries a failure is not tried again"),
)


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

    def test_clashes(self):
        """Each pair that cannot work together is refused by name, with the reason."""
        for one, other, reason in CLASHES:
            with self.subTest(one=one, other=other):
                line = f"{one} {other}".replace("no --retries", "")
                expected = (
                    f"{one.split()[0]} and "
                    f"{other if other.startswith('no') else other.split()[0]} "
                    f"cannot work together: {reason}. Next: leave one of them out."
                )
                with self.assertRaises(UsageError) as caught:
                    read(line)
                self.assertEqual(str(caught.exception), expected)
                self.assertEqual(caught.exception.returncode, 2)

    def test_no_clashes(self):
        """What may be combined is not refused."""
        for line in (
            "--replay x --parallel auto",
            "--replay x --parallel 1",
            "--random 0 --retries 1 --fail-on-flaky",
            "--failed-first --rerun-failed --shard 1/1",
            "--bisect a:1 --random 3",
        ):
            with self.subTest(line=line):
                self.assertIsInstance(read(line), RunOptions)
        with self.assertRaisesRegex(UsageError, "both decide the order"):
            read("--random 0 --failed-first")


class ValueTests(TestCase):
    def test_unfit_values(self):
        """Values without a meaning are refused with what is expected."""
        for read_value, texts, words in (
            (positive, ("0", "-1", "x", ""), "no number of seconds above 0"),
            (count_value, ("0", "-1", "1.5", "x", ""), "no number from 1"),
            (natural, ("-1", "1.5", "x", ""), "no number from 0"),
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
        self.assertEqual(shard_value("4/4"), (4, 4))

    def test_seed(self):
        """A seed is kept, none is none, and one is made up where it was left open."""
        self.assertEqual(chosen_seed(0), 0)
        self.assertIsNone(chosen_seed(None))
        made_up = {chosen_seed(-1) for _ in range(5)}
        self.assertGreater(len(made_up), 1)
        self.assertGreaterEqual(min(made_up), 0)
