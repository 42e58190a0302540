"""Workers: each job is done once, whoever dies; nobody is left behind."""

import multiprocessing
import os
import signal
import tempfile
from pathlib import Path
from unittest import TestCase, mock

from testing.crew import Crew
from testing.crew_member import Member, describe_exit
from testing.tests.crew_roles import (
    Broken,
    Doubler,
    Dying,
    Forking,
    Hanging,
    KilledAtStart,
    Line,
    Notebook,
    Refusing,
    Signalled,
    Starting,
)
from testing.tests.project import are_gone, is_alive


def make(role, jobs, *, size=2, method="fork", **notebook):
    """Make a crew with a notebook for an observer."""
    observer = Notebook(**notebook)
    observer.crew = Crew(
        size=size,
        start_method=method,
        role=role,
        source=Line(jobs),
        observer=observer,
    )
    return observer


def run(*arguments, **options):
    """Run a crew; returns its notebook."""
    observer = make(*arguments, **options)
    observer.crew.run()
    return observer


class JobsTests(TestCase):
    def test_every_start_method(self):
        """Each job is done once, however workers are started."""
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method=method):
                notes = run(Doubler(), range(7), method=method)
                expected = [(job, job * 2) for job in range(7)]
                self.assertEqual(sorted(notes.of("reported")), expected)
                once = [(job,) for job in range(7)]
                self.assertEqual(notes.of("started"), once)
                done = sorted(notes.of("done"))
                self.assertEqual([job for job, _ in done], list(range(7)))
                self.assertLessEqual({by for _, by in done}, {"by 1", "by 2"})
                ready = [(1, "worker 1, 1"), (2, "worker 2, 2")]
                self.assertEqual(sorted(notes.of("ready")), ready)
                left = [(1, "bye 1"), (2, "bye 2")]
                self.assertEqual(sorted(notes.of("left")), left)
                self.assertEqual(notes.of("died") + notes.of("refused"), [])

    def test_no_jobs(self):
        """Without a job workers come and go."""
        notes = run(Doubler(), [], size=1)
        self.assertEqual(notes.of("left"), [(1, "bye 1")])
        self.assertEqual(notes.of("started"), [])

    def test_order(self):
        """One worker does the jobs in their order."""
        notes = run(Doubler(), ["c", "a", "b"], size=1)
        self.assertEqual([job for job, _ in notes.of("done")], ["c", "a", "b"])

    def test_stop(self):
        """After a stop no further job is handed out."""
        notes = run(Doubler(), range(50), size=1, stops_after=2)
        self.assertEqual([job for job, _ in notes.of("done")], [0, 1, 2])
        self.assertEqual(notes.of("left"), [(1, "bye 1")])

    def test_work_of_the_observer(self):
        """The next job is handed out first; then the observer works, to the end."""
        notes = run(Doubler(), range(3), size=1)
        kinds = [event[0] for event in notes.events]
        for place, kind in enumerate(kinds[:-1]):
            if kind == "done" and "started" in kinds[place:]:
                self.assertEqual(kinds[place + 1], "started")
        # Two pieces for each job, however they were asked for.
        self.assertEqual(len(notes.of("settled")), 6)

    def test_worker_that_is_not_wanted(self):
        """A worker that the observer does not want leaves without a job."""
        notes = run(Doubler(), [1, 2], wants=False)
        self.assertEqual(notes.of("done"), [])
        self.assertEqual(len(notes.of("left")), 2)

    def test_environment_of_the_parent(self):
        """The number of a worker is known in its process alone."""
        before = os.environ.get("TEST_WORKER_ID")
        notes = run(Doubler(), [1], size=1)
        self.assertEqual(os.environ.get("TEST_WORKER_ID"), before)
        self.assertEqual(notes.of("done"), [(1, "by 1")])


class DeathTests(TestCase):
    def test_worker_that_dies(self):
        """A worker's death is told with its job; all other jobs are done."""
        for job, reason in (
            ("exit", "ended with status 3"),
            ("kill", "was killed by SIGKILL"),
        ):
            with self.subTest(job=job):
                notes = run(Dying(), [1, job, 2, 3, 4])
                self.assertEqual(notes.of("died"), [(job, reason)])
                done = sorted(job for job, _ in notes.of("done"))
                self.assertEqual(done, [1, 2, 3, 4])

    def test_only_worker_dies(self):
        """Even the only worker is replaced while there are jobs left."""
        notes = run(Dying(), ["exit", 1, "kill", 2], size=1)
        self.assertEqual([job for job, _ in notes.of("died")], ["exit", "kill"])
        self.assertEqual([job for job, _ in notes.of("done")], [1, 2])

    def test_worker_that_dies_with_spawn(self):
        """A spawned worker's death is noticed as well."""
        notes = run(Dying(), ["exit", 1], method="spawn")
        self.assertEqual(notes.of("died"), [("exit", "ended with status 3")])
        self.assertEqual([job for job, _ in notes.of("done")], [1])

    def test_killed_while_starting(self):
        """It starts again, and does all jobs; three times in a row are enough."""
        why = "was killed by SIGKILL"
        for kills in (1, 2, 3):
            with self.subTest(kills=kills), tempfile.TemporaryDirectory() as folder:
                role = KilledAtStart()
                role.folder = Path(folder)
                for number in range(kills):
                    (role.folder / str(number)).touch()
                notes = run(role, [1, 2], size=1)
                again = notes.of("starts again")
                self.assertEqual(again, [(1, why)] * min(kills, 2))
                done = [job for job, _ in notes.of("done")]
                self.assertEqual(done, [] if kills == 3 else [1, 2])
                refused = [(f"It {why} while starting.",)] if kills == 3 else []
                self.assertEqual(notes.of("refused"), refused)

    def test_killed_by_the_parent(self):
        """A worker that the parent kills counts as dead."""
        observer = make(Doubler(), [1], size=1)
        with mock.patch.object(
            observer, "ready", side_effect=lambda *_: observer.crew.kill(1) or True
        ):
            observer.crew.source.clear()
            observer.crew.run()
        self.assertEqual(observer.of("died"), [(None, "was killed by SIGKILL")])

    def test_killed_by_number(self):
        """The parent kills the worker it names, no other one and nobody unknown."""
        observer = make(Doubler(), [], size=2)

        def ready(worker_id, answer):
            observer.crew.kill(worker_id)
            observer.crew.kill(99)
            return True

        with mock.patch.object(observer, "ready", side_effect=ready):
            observer.crew.run()
        died = [(None, "was killed by SIGKILL")] * 2
        self.assertEqual(observer.of("died"), died)

    def test_worker_that_lives_on(self):
        """A worker that has closed its pipe hears nothing any more: it is ended."""
        with mock.patch("testing.crew_member.LAST_WORDS", 0.05):
            notes = run(Hanging(), ["close"], size=1)
        self.assertEqual(notes.of("died"), [("close", "was killed by SIGKILL")])

    def test_programs(self):
        """What a job had started ends with its worker, whoever ended that."""
        observer = make(Starting(), ["one", "two"], size=1)
        crew, reported = observer.crew, observer.reported

        def end_worker(worker_id, job, report):
            reported(worker_id, job, report)
            if job == "one":
                crew.kill(worker_id)
            else:
                (member,) = crew.members.values()
                os.kill(member.process.pid, signal.SIGKILL)

        with mock.patch.object(observer, "reported", side_effect=end_worker):
            crew.run()
        (_, first), (_, second) = observer.of("reported")
        self.assertIs(are_gone([first, second]), True)

    def test_forks(self):
        """A worker's end is found where a process that a job forked lives on."""
        notes = run(Forking(), ["kill", "stay"], size=1)
        (_, gone), (_, stays) = notes.of("reported")
        self.addCleanup(os.kill, stays, signal.SIGKILL)
        self.assertEqual(notes.of("died"), [("kill", "was killed by SIGKILL")])
        self.assertEqual(notes.of("left"), [(1, "bye 1")])
        self.assertIs(are_gone([gone]), True)
        self.assertIs(is_alive(stays), True)

    def test_answer_to_ctrl_c(self):
        """Of Ctrl-C a job thinks what the parent does, and no terminal sends it."""
        notes = run(Signalled(), [signal.SIGINT], size=1)
        answer = str(signal.getsignal(signal.SIGINT))
        self.assertEqual(notes.of("reported"), [(signal.SIGINT, (answer, True))])

    def test_last_reports(self):
        """What a worker said before it died counts, however late it is heard."""
        observer = make(Doubler(), [], size=1)
        crew = observer.crew
        ours, theirs = crew.context.Pipe()
        # Coverage takes a process that runs nothing of ours for a mistake.
        process = crew.context.Process(target=describe_exit, args=(0,))
        process.start()
        member = Member(1, process, ours, job=5, was_ready=True)
        crew.members[ours] = member
        for report in ("first", "second"):
            theirs.send(("report", report))
        theirs.close()
        crew._hear(member, is_dead=True)
        self.assertEqual(observer.of("reported"), [(5, "first"), (5, "second")])
        self.assertEqual(observer.of("died"), [(5, "ended with status 0")])
        self.assertEqual(crew.members, {})


class FailureTests(TestCase):
    def test_set_up_that_fails(self):
        """A known reason is told by its text, any other one by its traceback."""
        notes = run(Refusing(), [1], size=1)
        self.assertEqual(notes.of("refused"), [("no slot is free",)])
        ((message,),) = run(Broken(), [1], size=1).of("refused")
        self.assertIn("KeyError: 'missing'", message)
        self.assertIn("in set_up", message)

    def test_work_that_fails(self):
        """A job that breaks its worker is told in full, others are done."""
        for job, words in (
            ("raise", "a job that breaks"),
            ("unpicklable", "local object"),
        ):
            with self.subTest(job=job):
                notes = run(Dying(), [job, 1, 2, 3])
                ((died, reason),) = notes.of("died")
                self.assertEqual(died, job)
                self.assertIn("Traceback", reason)
                self.assertIn(words, reason)
                done = sorted(job for job, _ in notes.of("done"))
                self.assertEqual(done, [1, 2, 3])


class EndTests(TestCase):
    def test_observer_that_raises(self):
        """When the observer gives up, no worker process is left."""
        observer = make(Doubler(), range(10))
        with (
            mock.patch.object(observer, "done", side_effect=RuntimeError("enough")),
            self.assertRaisesRegex(RuntimeError, "enough"),
        ):
            observer.crew.run()
        self.assertEqual(observer.crew.members, {})
        names = [child.name for child in multiprocessing.active_children()]
        self.assertEqual([name for name in names if name.startswith("worker ")], [])

    def test_interrupt(self):
        """The first Ctrl-C lets what runs finish, the second one ends it."""
        crew = make(Doubler(), [1, 2], size=1).crew
        with mock.patch("testing.crew.wait", side_effect=KeyboardInterrupt):
            crew._wait()
            self.assertIs(crew.is_interrupted, True)
            self.assertIs(crew.halt.is_set(), True)
            self.assertIs(crew.source.is_empty(), True)
            with self.assertRaises(KeyboardInterrupt):
                crew._wait()
