"""Storages with a location of their own: moved and put back, fields included."""

import tempfile
from pathlib import Path
from unittest import mock

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.db import models
from django.test import SimpleTestCase, override_settings
from django.test.utils import isolate_apps

from testing.file_storages import move_storages

FILES = "django.core.files.storage.FileSystemStorage"
MEMORY = "django.core.files.storage.InMemoryStorage"


class CanaryTests(SimpleTestCase):
    def test_private_names(self):
        """Django still keeps a storage's location under the names used here."""
        storage = FileSystemStorage(location="/one")
        self.assertEqual(storage._location, "/one")
        self.assertEqual((storage.base_location, storage.location), ("/one", "/one"))
        storage._location = "/two"
        storage._clear_cached_properties(setting="MEDIA_ROOT")
        self.assertEqual((storage.base_location, storage.location), ("/two", "/two"))


class MoveTests(SimpleTestCase):
    def setUp(self):
        self.place = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.before, self.now = self.place / "before", self.place / "now"
        self.enterContext(override_settings(MEDIA_ROOT=str(self.before)))

    def move(self):
        """Move all storages as a worker does."""
        changes = self.enterContext(move_storages(self.now))
        self.enterContext(override_settings(MEDIA_ROOT=str(self.now), **changes))
        return changes

    def test_nothing_to_move(self):
        """Storages that follow MEDIA_ROOT need no setting changed."""
        self.assertEqual(self.move(), {})
        self.assertEqual(default_storage.path("x"), str(self.now / "x"))

    def test_named_storages(self):
        """A location below MEDIA_ROOT keeps its way, another one gets its own place."""
        inside, outside = self.before / "a" / "b", self.place / "private"
        given = {
            "default": {"BACKEND": FILES, "OPTIONS": {"location": str(self.before)}},
            "inside": {"BACKEND": FILES, "OPTIONS": {"location": inside}},
            "outside": {"BACKEND": FILES, "OPTIONS": {"location": str(outside)}},
            "memory": {"BACKEND": MEMORY, "OPTIONS": {"location": "/m"}},
            "plain": {"BACKEND": FILES},
            "staticfiles": {"BACKEND": FILES, "OPTIONS": {"location": "/static"}},
        }
        with override_settings(STORAGES=given):
            held = storages["inside"]
            changes = self.move()
            self.assertEqual(changes["STORAGES"]["memory"], given["memory"])
            self.assertEqual(changes["STORAGES"]["staticfiles"], given["staticfiles"])
            self.assertEqual(default_storage.path("x"), str(self.now / "x"))
            self.assertEqual(storages["plain"].path("x"), str(self.now / "x"))
            own = storages["outside"].path("x")
            self.assertTrue(own.startswith(str(self.place / "storages" / "private-")))
            # Whoever held the storage before sees the same files as a new one.
            held.save("note", ContentFile(b"text"))
            self.assertTrue(storages["inside"].exists("note"))
            self.assertEqual(
                storages["inside"].path("note"), str(self.now / "a/b/note")
            )
            self.assertFalse(inside.exists())

    def test_put_back(self):
        """At the end every storage is where it was."""
        given = {"one": {"BACKEND": FILES, "OPTIONS": {"location": "/one"}}}
        with override_settings(STORAGES=given):
            held = storages["one"]
            with move_storages(self.now):
                self.assertNotEqual(held.location, "/one")
            self.assertEqual((held.location, held.base_location), ("/one", "/one"))

    @isolate_apps("testing")
    def test_fields(self):
        """A field's storage inside MEDIA_ROOT moves; one elsewhere is the project's."""

        class Paper(models.Model):
            inside = models.FileField(storage=FileSystemStorage(self.before / "in"))
            outside = models.FileField(storage=FileSystemStorage(self.place / "out"))
            plain = models.FileField()

            class Meta:
                app_label = "testing"

            def __str__(self):
                return self.plain.name

        with mock.patch("testing.file_storages.apps.get_models", return_value=[Paper]):
            self.move()
        paper = Paper(inside="x", outside="x", plain="x")
        self.assertEqual(paper.inside.path, str(self.now / "in" / "x"))
        self.assertEqual(paper.outside.path, str(self.place / "out" / "x"))
        self.assertEqual(paper.plain.path, str(self.now / "x"))
