import os
import re
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.test import SimpleTestCase

from testing.tests.warm_interpreter import warm_interpreter

ROOT = Path(settings.BASE_DIR)


class EnvironmentTests(SimpleTestCase):
    def test_example_is_complete(self):
        """.env.example names every variable that the settings read, and no other."""
        source = (ROOT / "dancecoach/settings.py").read_text()
        read = re.findall(r"""\benv\.\w+\(\s*"([A-Z][A-Z0-9_]*)\"""", source)
        example = (ROOT / ".env.example").read_text()
        named = re.findall(r"^#?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE)
        self.assertGreater(len(named), 10)
        self.assertEqual(sorted(set(read)), sorted(named))

    def test_example_explains_each_variable(self):
        """In .env.example a comment stands above each variable."""
        lines = (ROOT / ".env.example").read_text().splitlines()
        for above, line in pairwise(lines):
            if re.match(r"#?[A-Z][A-Z0-9_]*=", line):
                with self.subTest(line=line):
                    self.assertRegex(above, r"^# [A-Z].*[.?]( https://\S+)?$|: \S+$")


class ProductionTests(SimpleTestCase):
    """The settings in a process of their own, since they are read once."""

    def run_check(self, *arguments, **environment):
        """Return status and standard error of the check in just this environment."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DJANGO_")}
        command = ["check", *arguments]
        status, _, error = warm_interpreter(ROOT).run(command, kept | environment)
        return status, error

    def test_deployment_is_clean(self):
        """Django's deployment check has nothing to say about a production set-up."""
        status, error = self.run_check(
            "--deploy",
            "--fail-level=WARNING",
            DJANGO_DEBUG="false",
            DJANGO_SECRET_KEY="".join(map(chr, range(48, 120))),
            DJANGO_ALLOWED_HOSTS="dance.example",
        )
        self.assertEqual(status, 0, error)

    def test_no_secret_key(self):
        """Without a key nothing starts in production, and the next step is told."""
        status, error = self.run_check(DJANGO_DEBUG="false")
        self.assertNotEqual(status, 0)
        self.assertIn("export DJANGO_SECRET_KEY=", error)

    def test_other_databases(self):
        """A database that is no PostgreSQL is refused, without showing its address."""
        for url in ("sqlite:///secret.db", "mysql://me:secret@host/name", "secret"):
            with self.subTest(url=url):
                status, error = self.run_check(DATABASE_URL=url)
                self.assertNotEqual(status, 0)
                self.assertIn("names no PostgreSQL server", error)
                self.assertIn("Next: export DATABASE_URL=postgres://", error)
                self.assertNotIn("secret", error)
