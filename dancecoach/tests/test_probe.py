import runpy
from unittest import mock

from django.test import LiveServerTestCase, SimpleTestCase

from dancecoach import probe as module
from dancecoach.probe import PORT, TIMEOUT, probe


class ProbeTests(LiveServerTestCase):
    def test_answers(self):
        """A good answer is 0, every other one and none are 1."""
        port = self.server_thread.port
        self.assertEqual(probe("/api/health", port=port), 0)
        self.assertEqual(probe("/api/nothing", port=port), 1)
        self.assertEqual(probe("/api/health", port=1), 1)


class CommandTests(SimpleTestCase):
    def test_status(self):
        """As a command it asks the path that it was given, and ends with the answer."""
        for answer, status in ((200, 0), (503, 1)):
            with (
                self.subTest(answer=answer),
                mock.patch("http.client.HTTPConnection") as connect,
                mock.patch("sys.argv", ["probe", "/api/ready"]),
                self.assertRaises(SystemExit) as caught,
            ):
                connect().getresponse().status = answer
                runpy.run_path(module.__file__, run_name="__main__")
            self.assertEqual(caught.exception.code, status)
            connect.assert_called_with("127.0.0.1", PORT, timeout=TIMEOUT)
            self.assertEqual(connect().request.call_args.args, ("GET", "/api/ready"))
