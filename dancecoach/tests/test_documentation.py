"""The examples of the OpenAPI schema, executed and compared with it."""

import json
from functools import cache
from io import StringIO

import jsonschema
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import TestCase, override_settings

from dancecoach.setting_tags import write_live
from users.magic_links import magic_link_request
from users.models import User
from users.passwords import users_allow_password_reset
from users.tokens import token_issue

PASSWORD = "correct horse 9"
METHODS = ("get", "post", "patch", "delete", "put")


@cache
def schema():
    output = StringIO()
    call_command(
        "spectacular",
        format="openapi-json",
        validate=True,
        fail_on_warn=True,
        stdout=output,
    )
    return json.loads(output.getvalue())


def operations():
    for path, methods in schema()["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield path, method, operation


def media(holder):
    """Yield (media type, its schema, its examples) of a request or a response."""
    for kind, content in holder.get("content", {}).items():
        examples = [e["value"] for e in content.get("examples", {}).values()]
        yield kind, content["schema"], examples


def check(value, part):
    """Compare a value with a part of the schema."""
    whole = {**strict(part), "components": strict(schema()["components"])}
    jsonschema.validate(value, whole, cls=jsonschema.Draft202012Validator)


def strict(part):
    """Turn OpenAPI 3.0's `nullable` into JSON Schema."""
    if isinstance(part, list):
        return [strict(each) for each in part]
    if not isinstance(part, dict):
        return part
    part = {key: strict(each) for key, each in part.items()}
    if part.pop("nullable", False) and "type" in part:
        part["type"] = [part["type"], "null"]
    return part


class SchemaTests(TestCase):
    def test_valid(self):
        """The schema is valid, without a warning, and complete."""
        names = [operation["operationId"] for _, _, operation in operations()]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(names), 23)

    def test_every_example_fits(self):
        """Each request and response has an example, which fits its schema."""
        for path, method, operation in operations():
            parts = {"request": operation.get("requestBody", {})}
            parts |= operation["responses"]
            for name, part in parts.items():
                for kind, wanted, examples in media(part):
                    with self.subTest(at=f"{method} {path} {name} {kind}"):
                        self.assertTrue(examples)
                        for example in examples:
                            check(example, wanted)

    def test_summaries_and_descriptions(self):
        """Each operation and each answer is explained."""
        for path, method, operation in operations():
            with self.subTest(at=f"{method} {path}"):
                self.assertTrue(operation["summary"])
                for response in operation["responses"].values():
                    self.assertTrue(response["description"])

    def test_served(self):
        """The schema is JSON and the page needs no token and no other host."""
        response = self.client.get("/api/schema/")
        self.assertEqual(response.headers["Content-Type"], "application/json")
        self.assertEqual(set(response.json()["paths"]), set(schema()["paths"]))
        page = self.client.get("/swagger/")
        self.assertContains(page, "swagger-ui-bundle.js")
        self.assertNotContains(page, "https://")


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
class ExampleTests(TestCase):
    """Each operation with its example, in a service that is prepared for it."""

    def setUp(self):
        self.token = None
        self.query = {}
        mail.outbox.clear()

    def user(self, **fields):
        return User.objects.create_user("Dancer", PASSWORD, **fields)

    def signed_in(self, **fields):
        self.token = token_issue(user=self.user(**fields)).text

    def administrator(self):
        self.token = token_issue(user=User.objects.create_superuser("Boss")).text

    def prepare_login(self):
        self.user()

    def prepare_validate(self):
        self.body = {"token": token_issue(user=self.user()).text}

    prepare_me_read = prepare_me_change = prepare_me_delete = signed_in
    prepare_password_change = signed_in
    prepare_jwt_secrets_list = prepare_jwt_secrets_add = administrator
    prepare_jwt_secrets_rotate = prepare_cache_flush = administrator

    def prepare_password_reset_request(self):
        self.user()
        self.administrator()

    def prepare_password_reset_complete(self):
        self.user()
        users_allow_password_reset(users=User.objects.all())

    def prepare_magic_link_consume(self):
        magic_link_request(
            email="a@example.org", address="10.0.0.1", consume_url="http://x"
        )
        self.query = {"token": mail.outbox[0].body.partition("=")[2].split()[0]}

    def prepare_greet_v2(self):
        write_live("API_V2_ENABLED", True)

    def execute(self, path, method, operation):
        self.body = None
        for _, _, (example, *_) in media(operation.get("requestBody", {})):
            self.body = example
        getattr(self, f"prepare_{operation['operationId']}", lambda: None)()
        return self.client.generic(
            method.upper(),
            path.replace("{name}", "Ann"),
            "" if self.body is None else json.dumps(self.body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
            query_params=self.query,
        )

    def test_examples(self):
        """Each example is answered as documented, in form and status."""
        for path, method, operation in operations():
            name = operation["operationId"]
            with self.subTest(operation=name), transaction.atomic():
                self.setUp()
                response = self.execute(path, method, operation)
                self.assertLess(response.status_code, 300, response.content)
                documented = operation["responses"][str(response.status_code)]
                kind = response.headers.get("Content-Type", "").partition(";")[0]
                if "content" in documented:
                    wanted = documented["content"][kind]["schema"]
                    text = response.content.decode()
                    check(
                        text if kind == "text/plain" else json.loads(text),
                        wanted,
                    )
                else:
                    self.assertEqual(response.content, b"")
                # The next example finds the service as this one did.
                transaction.set_rollback(True)
