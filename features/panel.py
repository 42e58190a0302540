"""The admin panel by HTTP, as a browser without scripts would use it."""

from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin

from bs4 import BeautifulSoup

from features.accounts import PASSWORD
from features.client import POOL, Answer

LOGIN = "/admin/login/"


class Panel:
    """One visitor of the panel, with cookies."""

    def __init__(self, context):
        self.context = context
        self.cookies = {}
        self.answer = None

    def get(self, path):
        """Open a page; return it parsed."""
        return self._send("GET", path)

    def submit(self, path, selector, **fields):
        """Fill in the form that ``selector`` finds and send it; return the answer.

        A field that is None is left out, as a box that is not ticked.
        """
        page = self.get(path)
        form = page.select_one(selector)
        values = dict(_values(form))
        for name, value in fields.items():
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
        target = urljoin(path, form.get("action") or "")
        return self._send("POST", target, body=urlencode(values))

    def sign_in(self, name, password=PASSWORD):
        """Sign in; return whether the panel opened."""
        self.submit(LOGIN, "#login-form", username=name, password=password)
        return self.answer.status == 302

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
        return BeautifulSoup(self.answer.text, "html.parser")


def _values(form):
    for field in form.select("input[name], select[name], textarea[name]"):
        kind = field.get("type")
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            yield field["name"], chosen["value"]
        elif field.name == "textarea":
            yield field["name"], field.text
        elif kind == "checkbox":
            if field.has_attr("checked"):
                yield field["name"], field.get("value", "on")
        elif kind not in ("submit", "button"):
            yield field["name"], field.get("value", "")
