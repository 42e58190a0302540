from django.test import LiveServerTestCase

from dancecoach.probe import probe


class ProbeTests(LiveServerTestCase):
    def test_answers(self):
        """A good answer is 0, every other one and none are 1."""
        port = self.server_thread.port
        self.assertEqual(probe("/api/health", port=port), 0)
        self.assertEqual(probe("/api/nothing", port=port), 1)
        self.assertEqual(probe("/api/health", port=1), 1)
