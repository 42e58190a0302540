"""The thread that refreshes, and that no fork ever meets."""

import os
import threading

from django.test import SimpleTestCase

from testing.bdd.ticker import Ticker

# Longer than any machine needs; nothing waits for it to pass.
PATIENCE = 30


class TickerTests(SimpleTestCase):
    def setUp(self):
        self.ticked = threading.Event()

    def ticker(self, act=None, interval=0.001):
        ticker = Ticker(act or self.ticked.set, interval=interval)
        self.addCleanup(ticker.stop)
        return ticker

    def test_ticks_until_stopped(self):
        """It acts again and again, and not after it was stopped."""
        ticker = self.ticker()
        ticker.start()
        for _ in range(2):
            self.ticked.clear()
            self.assertIs(self.ticked.wait(PATIENCE), True)
        ticker.stop()
        self.assertIs(ticker.is_running, False)

    def test_starts_again(self):
        """A ticker that was stopped can be started again, and twice is once."""
        ticker = self.ticker(interval=PATIENCE)
        ticker.start()
        ticker.start()
        ticker.stop()
        ticker.stop()
        ticker.start()
        self.assertIs(ticker.is_running, True)

    def test_gone_stream(self):
        """It ends quietly when there is nobody left to write to."""

        def act():
            self.ticked.set()
            raise BrokenPipeError

        ticker = self.ticker(act)
        ticker.start()
        self.assertIs(self.ticked.wait(PATIENCE), True)
        ticker._thread.join(PATIENCE)
        self.assertIs(ticker.is_running, False)

    def test_fork(self):
        """A fork finds no thread, the child has none, the parent has it back."""
        ticker = self.ticker(interval=PATIENCE)
        ticker.start()
        reading, writing = os.pipe()
        # What the child sees is what there was at the moment of the fork.
        child = os.fork()
        if not child:  # pragma: no cover - the child's coverage is not collected
            os.write(
                writing, f"{threading.active_count()} {ticker.is_running}".encode()
            )
            os._exit(0)
        os.waitpid(child, 0)
        seen = os.read(reading, 100).decode()
        os.close(reading)
        os.close(writing)
        self.assertEqual(seen, "1 False")
        self.assertIs(ticker.is_running, True)
