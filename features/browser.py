"""A real browser for the steps: one for each worker, started when first needed.

Playwright's synchronous interface runs an event loop in its thread, in which
Django refuses to use the database. It has a thread of its own, so that steps
are free to do both.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cache

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    # Of a test, which may run as root and in a container.
    "--no-sandbox",
    "--disable-gpu",
    # No word to anybody but the live server.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)
WINDOW = {"width": 1280, "height": 900}
# How long a page may take, in milliseconds.
PATIENCE = 15_000


@cache
def executable():
    """Return the path of the system's browser, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """Does what it is told in its own thread; starts with the first visit."""

    def __init__(self):
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="browser")
        self._browser = None
        self._playwright = None
        self._session = None

    def _start(self):
        from playwright.sync_api import sync_playwright

        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=executable(), args=list(ARGUMENTS)
        )
        # One for all visits, so that scripts and styles are fetched once.
        self._session = self._browser.new_context(viewport=WINDOW)
        self._session.set_default_timeout(PATIENCE)

    def open(self, base_url):
        """Return a new visit to the live server, without cookies of earlier ones."""
        return self._thread.submit(self._open, base_url).result()

    def _open(self, base_url):
        if self._browser is None:
            self._start()
        self._session.clear_cookies()
        return Visit(self._thread, self._session, base_url)

    def close(self):
        """End the browser and its driver."""
        self._thread.submit(self._stop).result()
        self._thread.shutdown()

    def _stop(self):
        if self._browser is not None:
            self._browser.close()
            self._playwright.stop()


class Visit:
    """One visitor: a page, and what went wrong on it."""

    def __init__(self, thread, session, base_url):
        self._thread = thread
        self._session = session
        self._base_url = base_url
        self.page = session.new_page()
        self.complaints = []
        self.requested = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requested.append(request.url))

    def do(self, function):
        """Call ``function`` with Playwright's page; return what it returns."""
        return self._thread.submit(function, self.page).result()

    def go(self, path):
        """Open a page of the live server."""
        self.do(lambda page: page.goto(f"{self._base_url}{path}"))

    def expect(self, selector, text):
        """Wait until what ``selector`` finds says ``text``, or all of a list."""
        from playwright.sync_api import expect

        self.do(lambda page: expect(page.locator(selector)).to_contain_text(text))

    def add_cookie(self, name, value):
        """Give the visitor a cookie."""
        cookie = {"name": name, "value": value, "url": self._base_url}
        self._thread.submit(self._session.add_cookies, [cookie]).result()

    def close(self):
        """End the visit."""
        self._thread.submit(self.page.close).result()
