"""The admin panel by HTTP, as a browser without scripts would use it."""

from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.test import Client
from lxml import html

from features.accounts import PASSWORD
from features.client import POOL, Answer

LOGIN = "/admin/login/"


class Panel:
    """One visitor of the panel, with cookies."""

    def __init__(self, context):
        self.context = context
        self.cookies = {}
        self.answer = None
        # Where the page in view is from; None when the last answer has no page.
        self.path = None

    def get(self, path):
        """Open a page; return it parsed."""
        self._send("GET", path)
        return self.page

    def submit(self, form_id, **fields):
        """Fill in the form of that id on the page in view, and send it.

        A field that is None is left out, as a box that is not ticked. Others are
        sent as they are, also where no browser would: a choice that is not offered.
        """
        form = self.page.get_element_by_id(form_id)
        values = dict(form.form_values()) | fields
        sent = {name: value for name, value in values.items() if value is not None}
        path = urljoin(self.path, form.action or "")
        self._send("POST", path, body=urlencode(sent))

    def sign_in(self, name, password=PASSWORD):
        """Sign in by the form; return whether the panel opened."""
        if self.path != LOGIN:
            self.get(LOGIN)
        self.submit("login-form", username=name, password=password)
        return self.answer.status == 302

    def enter(self, user):
        """Be signed in as somebody, where signing in is not what is tested."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        self.cookies[name] = client.cookies[name].value

    @property
    def page(self):
        """The last answer as a page."""
        return html.document_fromstring(self.answer.text)

    def texts(self, css_class):
        """Return the texts of the last answer's elements of that class.

        Of a list there is one for each item. An answer without a page, as a
        redirect is, has none.
        """
        if not self.answer.body:
            return []
        found = self.page.find_class(css_class)
        parts = [part for whole in found for part in whole.findall("li") or [whole]]
        return [" ".join(part.text_content().split()) for part in parts]

    def _send(self, method, path, body=None):
        url = self.context.get_url(path)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Referer": url}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        response = POOL.request(method, url, body=body, headers=headers, redirect=False)
        for line in response.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        self.answer = Answer(response.status, response.headers, response.data)
        self.path = path if response.status == 200 else None
