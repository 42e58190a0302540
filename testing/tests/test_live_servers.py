"""Live servers of test cases: Django's own is replaced, others stay."""

from django.test import LiveServerTestCase, SimpleTestCase
from django.test.testcases import LiveServerThread

from testing.live_servers import (
    POLL_INTERVAL,
    QuickLiveServerThread,
    QuickServer,
    quick_live_servers,
)


class Chosen(LiveServerThread):
    """A thread of the project's choice."""


class QuickLiveServersTests(SimpleTestCase):
    def test_replaced(self):
        """A class with Django's own thread gets the quick one for a while."""

        class Plain(LiveServerTestCase):
            pass

        class Particular(LiveServerTestCase):
            server_thread_class = Chosen

        with quick_live_servers([Plain, Particular, SimpleTestCase]):
            self.assertIs(Plain.server_thread_class, QuickLiveServerThread)
            self.assertIs(Particular.server_thread_class, Chosen)
            self.assertIs(LiveServerTestCase.server_thread_class, LiveServerThread)
        self.assertNotIn("server_thread_class", vars(Plain))
        self.assertIs(Plain.server_thread_class, LiveServerThread)

    def test_seams(self):
        """Canary: Django's thread makes its server from this attribute."""
        self.assertIs(QuickLiveServerThread.server_class, QuickServer)
        self.assertIs(hasattr(LiveServerThread, "server_class"), True)
        self.assertLess(POLL_INTERVAL, 0.1)


class ServedTests(LiveServerTestCase):
    def test_thread(self):
        """A live-server test of this very run is served by the quick server."""
        self.assertIs(type(self.server_thread), QuickLiveServerThread)
        self.assertIs(type(self.server_thread.httpd), QuickServer)
