"""``manage.py behave_merge``."""

import io
import json
import sys
import tempfile
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree as ET

from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import SimpleTestCase

from testing.bdd.record import RunRecord
from testing.bdd.record_file import read_record
from testing.errors import EXIT_FAILED, EXIT_SETUP
from testing.tests.bdd.reports.sample_record import (
    SampleRun,
    login_run,
    sign_up_run,
    write_record,
)


class BehaveMergeTests(SimpleTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def shards(self, *records: RunRecord) -> str:
        for number, record in enumerate(records, 1):
            path = self.folder / "shards" / str(number) / "events.jsonl"
            write_record(record, path)
        return str(self.folder / "shards")

    def merge(self, *arguments: str, **options) -> tuple[int, str]:
        """Run the command; returns the exit code and standard error."""
        stderr = io.StringIO()
        options = {"stderr": stderr, "no_color": True, **options}
        try:
            call_command("behave_merge", *arguments, **options)
        except SystemExit as end:
            return end.code, stderr.getvalue()
        return 0, stderr.getvalue()

    def assertRefused(self, *arguments: str, text: str) -> None:
        with self.assertRaisesMessage(CommandError, text) as raised:
            self.merge(*arguments)
        self.assertEqual(raised.exception.returncode, EXIT_SETUP)

    def test_passed(self):
        """Shards that passed are a run that passed; the wall is the longest one's."""
        given = self.shards(
            login_run(shard="1/2", red=False), sign_up_run(shard="2/2", wall=20)
        )
        code, text = self.merge(given)
        self.assertEqual(code, 0)
        self.assertEqual(
            text,
            "      PASSED [ 20.000s] 0 failed, 1 flaky, 2 passed, 1 skipped; "
            "2 records, 1.000s in scenarios\n",
        )

    def test_failed(self):
        """One failed scenario of one shard makes the run fail."""
        given = self.shards(login_run(shard="1/2"), sign_up_run(shard="2/2"))
        code, text = self.merge(given)
        self.assertEqual(code, EXIT_FAILED)
        self.assertIn("      FAILED [  1.380s] 1 failed, 1 flaky, 2 passed", text)

    def test_all_reports(self):
        """Each report that is asked for tells of both shards."""
        given = self.shards(login_run(shard="1/2"), sign_up_run(shard="2/2"))
        paths = {
            option: self.folder / "reports" / name
            for option, name in (
                ("--report-html", "run.html"),
                ("--report-junit", "run.xml"),
                ("--report-messages", "run.ndjson"),
                ("--events", "run.jsonl"),
            )
        }
        arguments = [f"{option}={path}" for option, path in paths.items()]
        code, text = self.merge(given, *arguments, verbosity=2)
        self.assertEqual(code, EXIT_FAILED)
        for path in paths.values():
            self.assertIn(f"wrote {path}\n", text)
        page = paths["--report-html"].read_text(encoding="utf-8")
        self.assertIn("5 scenarios", page)
        self.assertIn("runner-1 (shard 1/2), runner-2 (shard 2/2)", page)
        root = ET.parse(paths["--report-junit"]).getroot()
        self.assertEqual(root.get("tests"), "5")
        self.assertEqual(
            [suite.get("hostname") for suite in root], ["runner-1", "runner-2"]
        )
        last = paths["--report-messages"].read_text().splitlines()[-1]
        self.assertIs(json.loads(last)["testRunFinished"]["success"], False)
        merged = read_record([paths["--events"]])
        self.assertEqual([run.shard for run in merged.runs], ["1/2", "2/2"])
        self.assertEqual(len(merged.scenarios), 7)

    def test_merged_record_is_merged_again(self):
        """A merged record and one more shard are the whole run."""
        one = self.shards(login_run(shard="1/3"), sign_up_run(shard="2/3"))
        part = self.folder / "part.jsonl"
        code, _ = self.merge(one, "--events", str(part))
        self.assertEqual(code, EXIT_FAILED)
        last = self.folder / "last.jsonl"
        write_record(SampleRun(shard="3/3").end(), last)
        code, text = self.merge(str(part), str(last))
        self.assertNotIn("warning", text)
        self.assertIn("3 records", text)

    def test_missing_shard(self):
        """A shard that is not there is named, and the run has not passed."""
        given = self.shards(sign_up_run(shard="2/3"))
        code, text = self.merge(given)
        self.assertEqual(code, EXIT_FAILED)
        first, second, last = text.splitlines()
        self.assertEqual(
            first, "warning: shard 1/3 is missing, so its scenarios were not reported"
        )
        self.assertIn("shard 3/3 is missing", second)
        self.assertIn("INCOMPLETE", last)

    def test_killed_shard(self):
        """A record without an end is named, and the run has not passed."""
        given = self.shards(sign_up_run(shard="1/2"), SampleRun(shard="2/2").record)
        code, text = self.merge(given, verbosity=0)
        self.assertEqual(code, EXIT_FAILED)
        self.assertIn("2/events.jsonl has no end: its run was killed", text)
        self.assertNotIn("INCOMPLETE", text)

    def test_shards_of_different_histories(self):
        """Scenarios that no shard took are counted, and the run has not passed."""
        one = login_run(shard="1/2", red=False)
        one.runs[0] = replace(one.runs[0], total=500)
        code, text = self.merge(self.shards(one, sign_up_run(shard="2/2")))
        self.assertEqual(code, EXIT_FAILED)
        self.assertRegex(text, r"warning: \d+ scenarios are in no shard")

    def test_empty_shard(self):
        """A shard that had nothing to run takes nothing from the others."""
        given = self.shards(sign_up_run(shard="1/2"), SampleRun(0, "2/2").end())
        self.assertEqual(self.merge(given)[0], 0)

    def test_a_file_named_twice(self):
        """A file that is named, also as part of its directory, counts once."""
        given = self.shards(sign_up_run())
        code, text = self.merge(given, f"{given}/1/events.jsonl")
        self.assertEqual(code, 0)
        self.assertIn("1 record,", text)

    def test_refusals(self):
        """What does not fit is refused with status 2 and a reason."""
        empty = self.folder / "empty"
        empty.mkdir()
        other = write_record(sign_up_run(shard="1/2"), self.folder / "other.jsonl")
        no_record = self.folder / "no_record.jsonl"
        no_record.write_text('{"kind": "nothing"}\n')
        given = self.shards(sign_up_run(shard="1/2"))
        for arguments, text in (
            ((str(empty),), f"{empty} holds no *.jsonl file"),
            ((f"{empty}/no",), "does not exist"),
            ((str(no_record),), "is no record of a run"),
            ((given, str(other)), "both hold shard 1/2"),
            ((given, "-o", "a.json"), "more --outfile than --format"),
        ):
            with self.subTest(text):
                self.assertRefused(*arguments, text=text)

    def test_formatters_and_reporters_of_behave(self):
        """The merged run is replayed into what behave's options name."""
        given = self.shards(login_run(shard="1/2"), sign_up_run(shard="2/2"))
        outfile = str(self.folder / "run.json")
        stdout = io.StringIO()

        def replay(record, config):
            sys.stdout.write(f"{len(record.scenarios)} replayed")
            self.assertEqual(config.format, ["json", "progress"])
            self.assertEqual(config.outputs[0].name, outfile)
            self.assertIs(config.junit, True)
            self.assertEqual(config.junit_directory, "here")
            self.assertEqual(config.paths, ["features"])
            self.assertEqual(config.color, "off")

        with mock.patch("testing.bdd.replay.replay_record", replay, create=True):
            self.merge(
                given,
                *("-f", "json", "-o", outfile, "-f", "progress"),
                *("--junit", "--junit-directory", "here"),
                stdout=stdout,
            )
        self.assertEqual(stdout.getvalue(), "7 replayed")

    def test_behave_is_replayed_only_if_asked(self):
        """Without a formatter or --junit nothing goes to standard output."""
        given = self.shards(sign_up_run())
        replay = mock.Mock()
        with (
            mock.patch("testing.bdd.replay.replay_record", replay, create=True),
            redirect_stdout(io.StringIO()) as stdout,
        ):
            self.merge(given)
            replay.assert_not_called()
            self.merge(given, "--junit", no_color=False)
        replay.assert_called_once()
        self.assertEqual(replay.call_args.args[1].format, [])
        self.assertEqual(stdout.getvalue(), "")
