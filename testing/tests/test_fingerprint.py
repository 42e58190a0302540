"""The fingerprint changes with what decides the schema, and with nothing else."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from django.test import override_settings
from django.utils.functional import SimpleLazyObject

from testing.conf import EngineSettings
from testing.fingerprint import fingerprint_of
from testing.tests.probe import ProbeCase

PRINT_FINGERPRINT = """
import django; django.setup()
from django.db import connection
from testing.conf import EngineSettings
from testing.fingerprint import fingerprint_of
engine = EngineSettings()
print(fingerprint_of(connection, server_version=180000, engine=engine))
"""


def fingerprint(*, server_version=180000, **engine):
    return fingerprint_of(
        connection, server_version=server_version, engine=EngineSettings(**engine)
    )


class SettingsTests(ProbeCase):
    def test_same_again(self):
        """Without a change the fingerprint stays, 64 hexadecimal digits."""
        self.assertEqual(fingerprint(), fingerprint())
        self.assertRegex(fingerprint(), r"\A[0-9a-f]{64}\Z")

    def test_settings(self):
        """Any setting may decide what a migration does."""
        before = fingerprint()
        for changed in (
            {"DEFAULT_AUTO_FIELD": "django.db.models.AutoField"},
            {"LANGUAGE_CODE": "de"},
            {"SOMETHING_OF_THE_PROJECT": 1},
            {"STATIC_URL": "other/"},
        ):
            with self.subTest(changed=changed), override_settings(**changed):
                self.assertNotEqual(fingerprint(), before)
        self.assertEqual(fingerprint(), before)

    def test_secrets(self):
        """Secrets differ from place to place, and decide nothing."""
        before = fingerprint()
        with override_settings(SECRET_KEY="x" * 50, SECRET_KEY_FALLBACKS=["y"]):
            self.assertEqual(fingerprint(), before)

    def test_temporary_paths(self):
        """Folders made for one run decide nothing, those of a project there do."""
        temporary = Path(tempfile.gettempdir())
        with override_settings(MEDIA_ROOT=temporary / "a", PLACES={"x": ["y"]}):
            before = fingerprint()
        with override_settings(MEDIA_ROOT=str(temporary / "b"), PLACES={"x": ["y"]}):
            self.assertEqual(fingerprint(), before)
        home = temporary / "project"
        with mock.patch.object(EngineSettings, "project_dir", home):
            found = set()
            for place in (home / "a", home / "b", temporary / "project2"):
                with override_settings(PLACES=[str(place)]):
                    found.add(fingerprint())
        self.assertEqual(len(found), 3)

    def test_order_of_a_mapping(self):
        """The order of a mapping or set is no difference, that of a list is."""
        with override_settings(SOME={"a": {1, 2, 3}, "b": [1]}):
            before = fingerprint()
        with override_settings(SOME={"b": [1], "a": {3, 2, 1}}):
            self.assertEqual(fingerprint(), before)
        with override_settings(SOME=[1, 2]):
            before = fingerprint()
        with override_settings(SOME=[2, 1]):
            self.assertNotEqual(fingerprint(), before)

    def test_order_of_apps(self):
        """The order of the apps counts: it decides ids of content types."""
        before = fingerprint()
        reversed_apps = settings.INSTALLED_APPS[::-1]
        with override_settings(INSTALLED_APPS=reversed_apps):
            self.assertNotEqual(fingerprint(), before)

    def test_server_version(self):
        """Each version of the server has fingerprints of its own."""
        self.assertNotEqual(fingerprint(server_version=170000), fingerprint())


class ModelsTests(ProbeCase):
    def test_facts_of_models(self):
        """What post_migrate reads from a model counts."""
        before = fingerprint()
        for name, value in (
            ("permissions", [("dance", "Can dance")]),
            ("default_permissions", ("add",)),
            ("verbose_name", "other"),
            ("db_table", "other"),
            ("managed", False),
        ):
            original = getattr(Group._meta, name)
            with self.subTest(name=name):
                setattr(Group._meta, name, value)
                try:
                    self.assertNotEqual(fingerprint(), before)
                finally:
                    setattr(Group._meta, name, original)
        self.assertEqual(fingerprint(), before)


class FilesTests(ProbeCase):
    def setUp(self):
        super().setUp()
        self.place = self.folder() / f"migrations_{os.getpid()}"
        self.place.mkdir()
        (self.place / "__init__.py").touch()
        (self.place / "0001_initial.py").write_text("a = 1")
        sys.path.insert(0, str(self.place.parent))
        self.addCleanup(sys.path.remove, str(self.place.parent))
        modules = {"users": self.place.name}
        self.enterContext(override_settings(MIGRATION_MODULES=modules))

    def assertChange(self, path, content):
        before = fingerprint()
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        self.assertNotEqual(fingerprint(), before)

    def test_migration_files(self):
        """A migration that is added, changed or removed counts."""
        self.assertChange(self.place / "0001_initial.py", "a = 2")
        self.assertChange(self.place / "0002_more.py", "b = 1")
        before = fingerprint()
        (self.place / "0002_more.py").unlink()
        self.assertNotEqual(fingerprint(), before)

    def test_files_beside_migrations(self):
        """SQL and data beside the migrations count, in folders as well."""
        self.assertChange(self.place / "views.sql", "SELECT 1")
        self.assertChange(self.place / "data" / "rows.json", "[]")

    def test_compiled_files(self):
        """Compiled files come and go, and decide nothing."""
        before = fingerprint()
        (self.place / "0001_initial.pyc").write_bytes(b"x")
        self.assertEqual(fingerprint(), before)

    def test_app_without_migrations(self):
        """Switching the migrations of an app off counts, and is no error."""
        before = fingerprint()
        for module in (None, "no_such_module_of_ours"):
            with override_settings(MIGRATION_MODULES={"users": module}):
                self.assertNotEqual(fingerprint(), before)

    def test_migrations_switched_off_by_an_object(self):
        """An object that knows `in` and an index alone says that nothing migrates."""

        class Nothing:
            def __contains__(self, label):
                return True

            def __getitem__(self, label):
                return None

        before = fingerprint()
        with override_settings(MIGRATION_MODULES=Nothing()):
            self.assertNotEqual(fingerprint(), before)
            self.assertEqual(fingerprint(), fingerprint())

    def test_columns_without_migrations(self):
        """Where models alone make the tables, a column's type counts."""
        field = Group._meta.get_field("name")
        with override_settings(MIGRATION_MODULES={"auth": None}):
            before = fingerprint()
            with mock.patch.object(field, "max_length", 7):
                self.assertNotEqual(fingerprint(), before)
            with mock.patch.object(field, "null", True):
                self.assertNotEqual(fingerprint(), before)

    def test_lazy_collation(self):
        """What is found out when it is needed is the same in each process."""
        field = Group._meta.get_field("name")
        found = set()
        with override_settings(MIGRATION_MODULES={"auth": None}):
            for lazy in (SimpleLazyObject(lambda: "C"), SimpleLazyObject(lambda: "C")):
                with mock.patch.object(field, "db_collation", lazy):
                    self.assertIn(" at 0x", str(field.db_parameters(connection)))
                    found.add(fingerprint())
        self.assertEqual(len(found), 1)

    def test_further_files(self):
        """Files named by FINGERPRINT_FILES count."""
        with override_settings(BASE_DIR=self.place):
            pattern = {"fingerprint_files": ("sql/*.sql",)}
            (self.place / "sql").mkdir()
            before = fingerprint(**pattern)
            (self.place / "sql" / "a.sql").write_text("SELECT 1")
            middle = fingerprint(**pattern)
            self.assertNotEqual(middle, before)
            (self.place / "sql" / "a.sql").rename(self.place / "sql" / "b.sql")
            self.assertNotEqual(fingerprint(**pattern), middle)


class ProcessesTests(ProbeCase):
    def test_other_processes(self):
        """Processes agree on the fingerprint, however Python hashes text."""
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        }
        found = set()
        for seed in ("1", "2"):
            result = subprocess.run(
                [sys.executable, "-c", PRINT_FINGERPRINT],
                env={**environment, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            )
            found.add(result.stdout)
        self.assertEqual(len(found), 1, found)
