"""What the parent knows of a worker: its scenario, its deadline, what is over."""

from unittest import TestCase

from testing.bdd.posts import GRACE, Post


class PostTests(TestCase):
    def test_deadline(self):
        """A worker gets some seconds more than its scenario, while that runs."""
        post = Post()
        self.assertIsNone(post.time_left(0.0))
        post.begin_scenario(4, at=10.0, limit=2.0)
        self.assertEqual(post.time_left(11.0), 1.0 + GRACE)
        self.assertLess(post.time_left(20.0), 0)
        post.end_scenario(4)
        self.assertIsNone(post.time_left(20.0))

    def test_no_limit(self):
        """A scenario without a limit may take its time, whatever came before."""
        post = Post()
        post.begin_scenario(4, at=10.0, limit=2.0)
        post.begin_scenario(5, at=11.0, limit=None)
        self.assertIsNone(post.time_left(99.0))

    def test_given_up(self):
        """Who is given up is not ended twice, and has timed out."""
        post = Post()
        post.begin_scenario(4, at=10.0, limit=2.0)
        post.give_up()
        self.assertIsNone(post.time_left(99.0))
        self.assertIn("did not answer", post.timed_out)

    def test_units(self):
        """A new unit begins with nothing; the place of work stays."""
        post = Post(schema="test_w1")
        post.begin_scenario(4, at=10.0, limit=None)
        post.end_scenario(4)
        post.begin_scenario(5, at=11.0, limit=None)
        post.failed = 1
        post.timed_out = "took long"
        post.segment = [["scenario", 5, []]]
        self.assertEqual((post.place, post.finished), (5, {4}))
        post.begin_unit()
        self.assertEqual(
            (post.place, post.finished, post.failed, post.timed_out, post.schema),
            (None, set(), 0, "", "test_w1"),
        )
        self.assertEqual((post.steps, post.segment), ([], []))
