from django.test import SimpleTestCase, TestCase, override_settings

from dancecoach.greetings import greeting_v1, greeting_v2
from users.models import User
from users.tokens import token_issue


class GreetingTests(SimpleTestCase):
    def test_v1(self):
        """A name is greeted, no name is the world."""
        self.assertEqual(greeting_v1(name="Ann"), "Hello Ann!")
        self.assertEqual(greeting_v1(name=""), "Hello world!")

    def test_v2(self):
        """A friend is greeted with or without a name."""
        self.assertEqual(greeting_v2(name="Ann"), "Hello my friend Ann!")
        self.assertEqual(greeting_v2(name=""), "Hello my friend!")


class GreetV1Tests(SimpleTestCase):
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


@override_settings(API_V2_ENABLED=True)
class GreetV2Tests(SimpleTestCase):
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
        for name in ("x" * 101, None, ["x"], True, "a\0b"):
            with self.subTest(name=name):
                response = self.post({"name": name})
                self.assertEqual(response.status_code, 400)
                self.assertEqual(response.json()["error"], "validation_failed")
                self.assertEqual(list(response.json()["details"]), ["name"])

    def test_flag_is_read_at_each_request(self):
        """Off, every method is a 404 with the documented message."""
        with override_settings(API_V2_ENABLED=False):
            for response in (self.post({}), self.client.get("/api/v2/greet")):
                self.assertEqual(response.status_code, 404)
                self.assertEqual(
                    response.json(),
                    {"error": "not_found", "message": "v2 API is currently disabled"},
                )
        self.assertEqual(self.post({}).status_code, 200)
