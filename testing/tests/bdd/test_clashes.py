"""Options that cannot work together are refused, whatever way they are given."""

from unittest import TestCase

from testing.bdd.clashes import CLASHES, refuse_clashes
from testing.bdd.options import RunOptions
from testing.errors import UsageError
from testing.management.commands.behave import Command

# What to write for options that take a value.
VALUES = {
    "--replay": "--replay x",
    "--bisect": "--bisect a:1",
    "--shard": "--shard 1/2",
    "--retries": "--retries 1",
    "--repeat": "--repeat 2",
    "--parallel": "--parallel 2",
    "--parallel-by": "--parallel-by scenario",
    "--replay-worker": "--replay-worker 2",
    "--runner": "--runner behave_django.runner:SimpleTestRunner",
    "--random": "--random 0",
    "--events": "--events e",
    "--report-html": "--report-html h",
    "--report-junit": "--report-junit j",
    "--report-messages": "--report-messages m",
}
ENVIRONMENT = ("FEATURE", "BDD_SCHEMA_ISOLATION=false")


def refuse(*written):
    """Refuse what is written: options, or words for the environment."""
    parser = Command().create_parser("manage.py", "behave")
    line = " ".join(VALUES.get(one, one) for one in written if one.startswith("--"))
    options = vars(parser.parse_args(line.split()))
    refuse_clashes(
        RunOptions.read(options),
        options,
        isolated=ENVIRONMENT[1] not in written,
        package="users" if "FEATURE" in written else "",
    )


def refusal(*written):
    """Return the words in which what is written is refused, none if it is not."""
    try:
        refuse(*written)
    except UsageError as error:
        return str(error)
    return ""


class ClashTests(TestCase):
    def test_each_pair(self):
        """Each pair is refused by name with the reason, in either order."""
        for one, others, reason in CLASHES:
            for other in others:
                for written in ((one, other), (other, one)):
                    with self.subTest(written=written):
                        with self.assertRaises(UsageError) as caught:
                            refuse(*written)
                        self.assertEqual(caught.exception.returncode, 2)
                        self.assertEqual(
                            str(caught.exception),
                            f"{one} and {other} cannot work together: {reason}. "
                            "Next: leave one of them out.",
                        )

    def test_each_alone(self):
        """Each of them alone is fine."""
        needed = {"--fail-on-flaky": "--retries", "--replay-worker": "--replay"}
        for one, others, _ in CLASHES:
            for option in (one, *others):
                if not option.startswith("no "):
                    with self.subTest(option=option):
                        written = option, needed.get(option, "")
                        self.assertEqual(refusal(*written), "")

    def test_together(self):
        """What makes sense together is not refused."""
        for written in (
            ("--replay", "--repeat", "--check-leaks", "--keep-failed"),
            ("--random", "--repeat", "--shard", "--retries", "--fail-on-flaky"),
            ("--rerun-failed", "--failed-first", "--shard", "--failfast"),
            ("--bisect", "--random"),
            ("--bisect", "--shard", "--keepdb"),
            ("--retries", "--keepdb", "--keep-failed"),
            ("--repeat", "--failfast"),
            ("--runner", "--use-existing-database"),
            ("--repeat", "--events", "--report-html", "--report-junit"),
        ):
            with self.subTest(written=written):
                self.assertEqual(refusal(*written), "")

    def test_same_file(self):
        """Two things are not written into one file, nor over what is read."""
        for line in (
            "--events x --report-html ./x",
            "--report-junit x --report-messages x",
            "--replay x --events x",
        ):
            with (
                self.subTest(line=line),
                self.assertRaisesRegex(UsageError, "name the same file"),
            ):
                refuse(*(f"--{part}".strip() for part in line.split("--")[1:]))
