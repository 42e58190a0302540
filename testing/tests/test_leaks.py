"""Leaks: what a scenario leaves behind is named with the scenario."""

from unittest import TestCase, mock

from django.db import connection
from psycopg import sql

from testing import leaks
from testing.database import connect
from testing.leaks import MOST_TOLD, Picture
from testing.tests import leaky_features
from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.probe import ProbeCase, need_right, prefix


class PublicTests(ProbeCase):
    def test_large_table(self):
        """The rows of a large table are not read: its size stands for them."""
        need_right("rolsuper")
        name = f"{prefix()}_large"
        self.addCleanup(drop_table, name)
        with connect(connection) as session:
            session.execute(f'CREATE TABLE public."{name}" AS SELECT 1 AS x')
        place = mock.Mock(session=self.open_session())

        def told():
            return [
                line
                for line in leaks._public(place)
                if line.startswith(f"table {name}")
            ]

        (line,) = told()
        self.assertRegex(line, "with 1 rows, digest [0-9a-f]{8}$")
        with mock.patch.object(leaks, "LARGEST_COMPARED", 0):
            (line,) = told()
        self.assertRegex(line, r"with 8,192 bytes$")


class PictureTests(TestCase):
    def test_differences(self):
        """What has come and gone is told by kind, in order."""
        before = Picture({"threads": {"1": "a"}, "old": {"x": "x"}})
        after = Picture({"threads": {"2": "b", "3": "b"}, "new": {"y": "y"}})
        self.assertEqual(
            before.differences(after, settled=before),
            [
                "new: left behind y",
                "old: gone x",
                "threads: left behind b",
                "threads: left behind b",
            ],
        )
        self.assertEqual(before.differences(before, settled=before), [])

    def test_put_back(self):
        """What goes back to what it was is nobody's leak."""
        settled = Picture({"rows": {"a": "a", "b": "b"}})
        leaked = Picture({"rows": {"b": "b", "c": "c"}})
        self.assertEqual(leaked.differences(settled, settled=settled), [])
        lines = settled.differences(leaked, settled=settled)
        self.assertEqual(lines, ["rows: left behind c", "rows: gone a"])

    def test_many(self):
        """Of many things the first are told, cut, and how many more there are."""
        rows = {str(number): f"{number:03}" + "x" * 1000 for number in range(100)}
        lines = Picture({}).differences(Picture({"rows": rows}), settled=Picture({}))
        self.assertEqual(len(lines), MOST_TOLD + 1)
        self.assertEqual(lines[-1], f"rows: left behind {100 - MOST_TOLD} more")
        self.assertLess(max(map(len, lines)), 250)


# A step, and what is told of the scenario that has it.
PLANTED = (
    ("a thread stays", "threads: left behind left over"),
    ("a media file stays", "media files: left behind deep/left.txt"),
    ("a variable stays", "environment: left behind LEFT_OVER"),
    ("the folder is changed", "working directory: left behind "),
    ("an index stays", "default, indexes: left behind .*left_index"),
    (
        "the project's reset writes a row",
        "default, rows of auth_group: left behind .*late row",
    ),
    ("a sequence is changed", "default, sequences: left behind .*auth_group_id_seq"),
    ("a key stays in files", "cache keys: left behind p:2:left in 'files'"),
    ("a key stays in remote", r"cache keys: left behind \S*:2:left in 'remote'"),
    ("the project's reset sends a mail", "mails: left behind .*late"),
    ("a mail is written to a file", r"mail files: left behind \S+\.log"),
    (
        "a session stays",
        r"default, connections: left behind session \d+ \(idle in transaction\), "
        "whose last statement is SELECT 'left session'",
    ),
    ("a thread keeps its connection", r"default, connections: left behind session \d+"),
    ("a table stays in public", "default, public: left behind relations: .*{table}"),
    ("a row stays in public", "default, public: left behind table {table} with 1 rows"),
)


class CheckLeaksTests(EngineCase):
    def setUp(self):
        super().setUp()
        # Leaks are planted in the schema public too, which belongs to others.
        need_right("rolsuper")
        self.table = f"{prefix()}_left"
        self.addCleanup(drop_table, self.table)
        leaky_features.write(self.place)
        self.write({"environment.py": leaky_features.ENVIRONMENT})
        self.write(
            {"steps/leaks.py": leaky_features.STEPS.replace("LEFT_TABLE", self.table)}
        )

    def test_each_kind(self):
        """A leak of each kind is named, with its scenario; the run fails."""
        steps = [step for step, _ in PLANTED]
        self.write({"a.feature": feature("A", *steps, "I am tidy")})
        status, out, error = self.behave("-j", "1", "--check-leaks")
        self.assertEqual(status, 1, error)
        self.assertIn(f"{len(steps) + 1} scenarios passed, 0 failed", out)
        for number, (step, told) in enumerate(PLANTED, 1):
            with self.subTest(step=step):
                told = told.format(table=self.table)
                self.assertRegex(error, rf"(?m)a.feature:\d+ A {number} leaks: {told}")
        self.assertNotIn(f"A {len(steps) + 1} leaks", error)
        after_late_row = steps.index("the project's reset writes a row") + 2
        told = [line for line in error.splitlines() if f"A {after_late_row} " in line]
        self.assertEqual([line for line in told if "rows of" in line], [])
        self.assertNotIn("-j 1", error)

    def test_once(self):
        """What one scenario left is not told of the next."""
        names = ("a session stays", "a thread stays", "a key stays in files")
        steps = [one for name in names for one in (name, "I am tidy")]
        self.write({"a.feature": feature("A", *steps)})
        status, _, error = self.behave("-j", "1", "--check-leaks")
        self.assertEqual(status, 1, error)
        for number in (2, 4, 6):
            self.assertNotIn(f"A {number} leaks", error)

    def test_tidy(self):
        """A suite that leaves nothing passes, on one worker or several."""
        environment = leaky_features.ENVIRONMENT + leaky_features.SCOPED
        scenarios = ["I am tidy", "I am tidy; I make a table; I refresh a view"]
        self.write(
            {
                "environment.py": environment,
                **{f"{n}.feature": feature(n, *scenarios) for n in "abc"},
            }
        )
        for workers in ("1", "2"):
            with self.subTest(workers=workers):
                status, _, error = self.behave("-j", workers, "--check-leaks")
                self.assertEqual(status, 0, error)
                self.assertNotIn("leaks", error)

    def test_hooks(self):
        """What the hooks of a feature leave is told of the feature."""
        environment = (
            "import os\n"
            "def before_feature(context, feature):\n    os.environ['HOOKED'] = '1'\n"
        )
        self.write(
            {"environment.py": environment, "a.feature": feature("A", "all is well")}
        )
        status, _, error = self.behave("-j", "1", "--check-leaks")
        self.assertEqual(status, 1, error)
        self.assertRegex(
            error, "a.feature, its hooks, leaks: environment: left behind HOOKED"
        )
        self.assertNotIn("A 1 leaks", error)

    def test_several_workers(self):
        """What workers share may be of any of them: that is said."""
        self.write(
            {
                "a.feature": feature("A", "a table stays in public; a thread stays"),
                "b.feature": feature("B", "all is well"),
            }
        )
        status, _, error = self.behave("--check-leaks")
        self.assertEqual(status, 1, error)
        self.assertRegex(
            error, r"(?m)A 1 leaks: default, public: .*\(or another worker"
        )
        self.assertRegex(error, r"(?m)A 1 leaks: threads: left behind left over$")

    def test_unseen(self):
        """A cache whose keys cannot be seen is named once, and fails nothing."""
        with (self.place / "engine_settings.py").open("a") as settings:
            settings.write(leaky_features.UNSEEN)
        self.write({f"{n}.feature": feature(n, "all is well") for n in "abc"})
        status, _, error = self.behave("--check-leaks")
        self.assertEqual(status, 0, error)
        for words in (
            "of the cache 'willful': strange_backends.Willful does not ask KEY_FUNCT",
            "of the cache 'broken': it does not answer (nobody is there)",
        ):
            self.assertEqual(error.count(words), 1, error)
        self.assertEqual(error.count("cannot see"), 2, error)

    def test_repeat(self):
        """Repeated runs are told one by one, then all together, then leaks again."""
        self.write({"a.feature": feature("A", "a thread stays")})
        status, _, error = self.behave("-j", "1", "--check-leaks", "--repeat", "2")
        self.assertEqual(status, 1, error)
        places = [
            error.index(words)
            for words in ("Run 1/2 failed.", "Run 2/2 failed.", "0/2 runs passed.")
        ]
        self.assertEqual(places, sorted(places))
        self.assertIn("A 1 leaks: threads: left behind left over", error[places[-1] :])


def drop_table(name):
    """Drop a table in public that a leak has left there."""
    with connect(connection) as session:
        session.execute(
            sql.SQL("DROP TABLE IF EXISTS public.{}").format(sql.Identifier(name))
        )
