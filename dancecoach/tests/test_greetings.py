from datetime import timedelta

import time_machine
from django.test import TestCase, override_settings

from dancecoach.greetings import greeting_v1, greeting_v2
from dancecoach.setting_tags import write_live
from users.models import User
from users.tokens import token_issue


class GreetingTests(TestCase):
    def test_v1(self):
        """A name is greeted, no name is the world."""
        self.assertEqual(greeting_v1(name="Ann"), "Hello Ann!")
        self.assertEqual(greeting_v1(name=""), "Hello world!")

    def test_v2(self):
        """A friend is greeted with or without a name."""
        self.assertEqual(greeting_v2(name="Ann"), "Hello my friend Ann!")
        self.assertEqual(greeting_v2(name=""), "Hello my friend!")


class GreetV1Tests(TestCase):
    def greeting(self, path):
        response = self.client.get(path)
        self.assertEqual(response.status_code, 200, response.content)
        return response.json()["message"]

    def test_strangers(self):
        """A stranger is greeted by the name in the query or the path, if any."""
        expected = {
            "/api/v1/greet": "Hello world!",
            "/api/v1/greet?name=": "Hello world!",
            "/api/v1/greet?name=Ann": "Hello Ann!",
            "/api/v1/greet/Ann": "Hello Ann!",
            "/api/v1/greet/Ann?name=Bob": "Hello Ann!",
            "/api/v1/greet/J%C3%BCrgen%20%F0%9F%92%83": "Hello Jürgen 💃!",
        }
        for path, message in expected.items():
            with self.subTest(path=path):
                self.assertEqual(self.greeting(path), message)

    def test_unicode_is_not_escaped(self):
        """The answer is UTF-8 as it is written."""
        response = self.client.get("/api/v1/greet?name=ü")
        self.assertEqual(response.content, '{"message":"Hello ü!"}'.encode())

    def test_null_characters(self):
        """A name with a null character is refused, in path and query."""
        for path in ("/api/v1/greet/a%00b", "/api/v1/greet?name=a%00b"):
            with self.subTest(path=path):
                response = self.client.get(path)
                self.assertEqual(response.status_code, 400)
                self.assertEqual(list(response.json()["details"]), ["name"])

    def test_bad_token(self):
        """Who wants to be somebody and is not gets no greeting."""
        response = self.client.get(
            "/api/v1/greet", headers={"Authorization": "Bearer x"}
        )
        self.assertEqual(response.status_code, 401)
        self.assertEqual(response.json()["error"], "unauthorized")


class GreetMemberTests(TestCase):
    def test_signed_in(self):
        """A signed-in caller is greeted by username, unless a name is given."""
        user = User.objects.create_user("Dancer")
        headers = {"Authorization": f"Bearer {token_issue(user=user).text}"}
        expected = {
            "/api/v1/greet": "Hello Dancer!",
            "/api/v1/greet?name=": "Hello Dancer!",
            "/api/v1/greet?name=Ann": "Hello Ann!",
            "/api/v1/greet/Ann": "Hello Ann!",
        }
        for path, message in expected.items():
            with self.subTest(path=path):
                response = self.client.get(path, headers=headers)
                self.assertEqual(response.json()["message"], message)


class GreetV2Tests(TestCase):
    @classmethod
    def setUpTestData(cls):
        write_live("API_V2_ENABLED", True)

    def post(self, body):
        return self.client.post("/api/v2/greet", body, content_type="application/json")

    def test_greetings(self):
        """The name may be missing, empty, blank and 100 characters long."""
        long = "ü" * 100
        for body, message in (
            ({"name": "Ann"}, "Hello my friend Ann!"),
            ({"name": ""}, "Hello my friend!"),
            ({"name": "  "}, "Hello my friend!"),
            ({}, "Hello my friend!"),
            ({"name": long}, f"Hello my friend {long}!"),
        ):
            with self.subTest(body=body):
                response = self.post(body)
                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.json(), {"message": message})

    def test_refused(self):
        """A long name and what is no text are refused by field."""
        for name in ("x" * 101, None, ["x"], True, 7, "a\0b"):
            with self.subTest(name=name):
                response = self.post({"name": name})
                self.assertEqual(response.status_code, 400)
                self.assertEqual(response.json()["error"], "validation_failed")
                self.assertEqual(list(response.json()["details"]), ["name"])

    def test_flag_is_read_at_each_request(self):
        """Off, every method is a 404 with the documented message."""
        write_live("API_V2_ENABLED", False)
        for response in (self.post({}), self.client.get("/api/v2/greet")):
            self.assertEqual(response.status_code, 404)
            self.assertEqual(
                response.json(),
                {"error": "not_found", "message": "v2 API is currently disabled"},
            )
        write_live("API_V2_ENABLED", True)
        self.assertEqual(self.post({}).status_code, 200)


class CacheTests(TestCase):
    def state(self, path="/api/v1/greet?name=Ann", **headers):
        response = self.client.get(path, headers=headers)
        self.assertEqual(response.status_code, 200)
        return response["X-Cache"]

    def test_kept_for_a_minute(self):
        """The second answer of a name is kept, a minute later it is made anew."""
        with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
            self.assertEqual([self.state(), self.state()], ["MISS", "HIT"])
            self.assertEqual(self.state("/api/v1/greet/Ann"), "HIT")
            self.assertEqual(self.state("/api/v1/greet/ann"), "MISS")
            clock.shift(timedelta(seconds=61))
            self.assertEqual(self.state(), "MISS")

    def test_long_and_foreign_names(self):
        """Names that no cache would take as a key are kept too."""
        for name in ("x" * 1000, "a b", "舞"):
            with self.subTest(name=name[:5]):
                path = f"/api/v1/greet?name={name}"
                self.assertEqual([self.state(path), self.state(path)], ["MISS", "HIT"])

    def test_switched_off(self):
        """With CACHE_ENABLED off nothing is looked for, and nothing is kept."""
        self.state()
        write_live("CACHE_ENABLED", False)
        self.assertEqual([self.state(), self.state()], ["MISS", "MISS"])

    def test_personal_answers(self):
        """A caller's own greeting is never kept, here or on the way."""
        user = User.objects.create_user("Dancer")
        headers = {"Authorization": f"Bearer {token_issue(user=user).text}"}
        for _ in range(2):
            response = self.client.get("/api/v1/greet", headers=headers)
            self.assertEqual(response["X-Cache"], "MISS")
            self.assertEqual(response["Cache-Control"], "private, no-store")


class LimitTests(TestCase):
    def statuses(self, count, **headers):
        return [
            self.client.get("/api/v1/greet", headers=headers).status_code
            for _ in range(count)
        ]

    def test_limit(self):
        """A client gets the burst, then an error that says when to come back."""
        with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
            self.assertEqual(self.statuses(11), [200] * 10 + [429])
            response = self.client.get("/api/v1/greet/Ann")
            self.assertEqual(response.json()["error"], "rate_limited")
            self.assertEqual(response["Retry-After"], "1")
            clock.shift(timedelta(seconds=1))
            self.assertEqual(self.statuses(2), [200, 429])

    def test_tuned(self):
        """Rate and burst are read at each request."""
        write_live("RATE_LIMIT_BURST", 2)
        write_live("RATE_LIMIT_PER_MINUTE", 1)
        self.assertEqual(self.statuses(3), [200, 200, 429])
        response = self.client.get("/api/v1/greet")
        self.assertIn(int(response["Retry-After"]), (59, 60))
        write_live("RATE_LIMIT_ENABLED", False)
        self.assertEqual(self.statuses(3), [200] * 3)

    @override_settings(PROXY_COUNT=1)
    def test_by_client(self):
        """Another client has a bucket of its own."""
        write_live("RATE_LIMIT_BURST", 1)
        for address in ("10.0.0.1", "10.0.0.2"):
            headers = {"X-Forwarded-For": address}
            self.assertEqual(self.statuses(2, **headers), [200, 429])
