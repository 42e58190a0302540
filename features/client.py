"""The HTTP client that all steps share."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import urllib3

# One for the process: connections to the live server are kept alive.
POOL = urllib3.PoolManager(retries=False, timeout=20, maxsize=16)


@dataclass(frozen=True)
class Answer:
    """Status, headers and body as they came over the wire."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.text)


def send(context, method, path, *, body=None, raw=None, headers=None):
    """Send a request as the scenario's caller and remember the answer."""
    sent = dict(headers or {})
    if context.token is not None:
        sent.setdefault("Authorization", f"Bearer {context.token}")
    if context.address is not None:
        sent.setdefault("X-Forwarded-For", context.address)
    if body is not None:
        raw = json.dumps(body).encode()
    if raw is not None:
        sent.setdefault("Content-Type", "application/json")
    response = POOL.request(method, context.get_url(path), body=raw, headers=sent)
    context.answer = Answer(response.status, response.headers, response.data)
    context.answers.append(context.answer)
    return context.answer


def send_at_once(context, count, method, path, *, body=None):
    """Send the same request several times at once; return the answers."""
    headers = {"Content-Type": "application/json"}
    if context.token is not None:
        headers["Authorization"] = f"Bearer {context.token}"
    raw = None if body is None else json.dumps(body).encode()
    url = context.get_url(path)

    def ask(_number):
        response = POOL.request(method, url, body=raw, headers=headers)
        return Answer(response.status, response.headers, response.data)

    with ThreadPoolExecutor(count) as threads:
        context.answers = list(threads.map(ask, range(count)))
    return context.answers


def expect_status(context, status):
    answer = context.answer
    assert answer.status == status, f"{answer.status}, not {status}: {answer.text}"
