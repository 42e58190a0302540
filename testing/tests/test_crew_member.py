"""A worker as its parent sees it: jobs go out, words come in, its end is told."""

import multiprocessing
from unittest import TestCase, mock

from testing.crew_member import Member, describe_exit


class MemberTests(TestCase):
    def setUp(self):
        ours, self.theirs = multiprocessing.Pipe()
        self.addCleanup(self.theirs.close)
        self.process = mock.Mock(exitcode=0)
        self.process.is_alive.return_value = False
        self.member = Member(1, self.process, ours)
        self.addCleanup(ours.close)

    def test_jobs(self):
        """A job is known and sent; None is the end of them."""
        self.member.is_idle = True
        self.member.give("a job")
        self.assertEqual((self.member.job, self.member.is_idle), ("a job", False))
        self.member.dismiss()
        self.assertEqual(self.theirs.recv(), ("a job",))
        self.assertIsNone(self.theirs.recv())

    def test_nobody_listens(self):
        """Who has gone meanwhile is noticed by listening, not by speaking."""
        self.theirs.close()
        self.member.give("a job")
        self.member.dismiss()
        self.assertIsNone(self.member.hear(is_dead=False))

    def test_words_of_the_dead(self):
        """Of a dead worker only what is there is waited for."""
        self.theirs.send(("report", 1))
        self.assertEqual(self.member.hear(is_dead=True), ("report", 1))
        self.assertIsNone(self.member.hear(is_dead=True))

    def test_end(self):
        """Its own words for its end go before those of the system."""
        self.process.exitcode = -9
        self.assertEqual(self.member.end, "was killed by SIGKILL")
        self.assertIs(self.member.was_killed, True)
        self.member.fault = "ran into an error"
        self.assertEqual(self.member.end, "ran into an error")
        self.assertIs(self.member.was_killed, False)

    def test_words_for_an_exit(self):
        """How a process ended is said in words, unknown signals included."""
        self.assertEqual(describe_exit(3), "ended with status 3")
        self.assertEqual(describe_exit(None), "ended with status None")
        self.assertEqual(describe_exit(-15), "was killed by SIGTERM")
        self.assertEqual(describe_exit(-500), "ended with status -500")
