"""A worker's world: keys, files and mail of its own, in all threads, and put back."""

import io
import os
import tempfile
import threading
from contextlib import redirect_stderr
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import SimpleTestCase, override_settings

from testing.conf import SURROUNDINGS, EngineSettings
from testing.errors import SetupFailure, UsageError
from testing.mail_folders import deprecated_settings, mail_folders
from testing.surroundings import Surroundings, slot_of

HERE = __name__
CALLS = []


class SharedCache(BaseCache):
    """What Redis and memcached are: one store for every process."""

    store = {}

    def __init__(self, location, parameters):
        super().__init__(parameters)

    def set(self, key, value, timeout=None, version=None):
        self.store[self.make_key(key, version=version)] = value

    def get(self, key, default=None, version=None):
        return self.store.get(self.make_key(key, version=version), default)


def first(*, worker_id, slot):
    CALLS.append(("first", worker_id, slot))
    return lambda: CALLS.append("first undone")


def second(*, worker_id, slot):
    CALLS.append(("second", worker_id, slot))


def third(*, worker_id, slot):
    def undo():
        raise LookupError("on purpose")

    return undo


def broken(*, worker_id, slot):
    raise LookupError("on purpose")


def talkative(*, worker_id, slot):
    return "done"


class SurroundingsCase(SimpleTestCase):
    def setUp(self):
        self.place = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch("tempfile.tempdir", str(self.place)))
        SharedCache.store.clear()
        CALLS.clear()

    def world(self, number=1, *, parts=SURROUNDINGS, **engine):
        return Surroundings(
            EngineSettings(**engine),
            worker_id=number,
            slot=f"test_w{number}",
            parts=frozenset(parts),
        )


class CacheTests(SurroundingsCase):
    def backend(self, name, **more):
        return {"default": {"BACKEND": name, **more}}

    def test_shared(self):
        """Neither two workers nor two runs of one worker see each other's keys."""
        given = self.backend(f"{HERE}.SharedCache", KEY_PREFIX="shop", VERSION=2)
        with override_settings(CACHES=given):
            for number in (1, 2, 1):
                with self.world(number):
                    self.assertIsNone(caches["default"].get("key"))
                    caches["default"].set("key", number)
                    self.assertEqual(caches["default"].get("key"), number)
            self.assertIsNone(caches["default"].get("key"))
            self.assertEqual(caches["default"].key_prefix, "shop")
        keys = list(SharedCache.store)
        self.assertEqual(len(keys), 3)
        self.assertRegex(keys[1], r"\Ashop_test_w2_[0-9a-f]{8}:2:key\Z")

    def test_all_threads(self):
        """A thread that starts later, as the live server's do, has the same keys."""
        seen = []
        with (
            override_settings(CACHES=self.backend(f"{HERE}.SharedCache")),
            self.world(),
        ):
            caches["default"].set("key", "value")
            thread = threading.Thread(
                target=lambda: seen.append(
                    (caches["default"].get("key"), settings.MEDIA_ROOT)
                )
            )
            thread.start()
            thread.join()
            self.assertEqual(seen, [("value", settings.MEDIA_ROOT)])

    def test_files(self):
        """A file-based cache has a folder of the worker's, and clears that alone."""
        location = self.place / "cache"
        name = "django.core.cache.backends.filebased.FileBasedCache"
        with override_settings(CACHES=self.backend(name, LOCATION=str(location))):
            caches["default"].set("key", "everybody's")
            with self.world():
                self.assertIsNone(caches["default"].get("key"))
                caches["default"].set("key", "own")
                caches["default"].clear()
            self.assertEqual(caches["default"].get("key"), "everybody's")

    def test_own_already(self):
        """Caches of the process or the schema are not touched at all."""
        base = "django.core.cache.backends"
        for name in ("locmem.LocMemCache", "dummy.DummyCache", "db.DatabaseCache"):
            given = self.backend(f"{base}.{name}", LOCATION="here")
            with (
                self.subTest(name=name),
                override_settings(CACHES=given),
                self.world(parts={"caches"}),
            ):
                self.assertIs(settings.CACHES, given)

    def test_backend_that_cannot_be_had(self):
        """An unknown backend is Django's to complain about, when it is used."""
        given = {**self.backend("no.such.Cache"), "odd": {}}
        with override_settings(CACHES=given), self.world():
            self.assertIs(settings.CACHES, given)


class FolderTests(SurroundingsCase):
    def test_media(self):
        """Media goes to an empty folder that is gone at the end."""
        left_over = self.place / "media"
        left_over.mkdir()
        (left_over / "a.txt").write_text("of an earlier run")
        with override_settings(MEDIA_ROOT=str(left_over)):
            with self.world():
                own = Path(settings.MEDIA_ROOT)
                self.assertEqual(list(own.iterdir()), [])
                # A name that was taken before is free.
                name = default_storage.save("a.txt", ContentFile(b"new"))
                self.assertEqual(name, "a.txt")
                self.assertEqual((own / name).read_text(), "new")
            with default_storage.open("a.txt") as file:
                self.assertEqual(file.read(), b"of an earlier run")
        self.assertFalse(own.parent.exists())

    def test_override_of_a_test(self):
        """A test's own MEDIA_ROOT is in force inside and undone after it."""
        with self.world():
            own = settings.MEDIA_ROOT
            with override_settings(MEDIA_ROOT="/elsewhere"):
                self.assertEqual(default_storage.path("x"), "/elsewhere/x")
            self.assertEqual(default_storage.path("x"), f"{own}/x")

    def filed(self, place):
        """File mail at a place until the test is over, as older Django is told to."""
        backend = "django.core.mail.backends.filebased.EmailBackend"
        mailer = {"BACKEND": backend, "OPTIONS": {"file_path": place}}
        if hasattr(settings, "MAILERS"):
            given = {"MAILERS": {"default": mailer}}
        else:
            given = {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": place}
        with deprecated_settings():
            override = override_settings(**given)
            override.enable()
        self.addCleanup(override.disable)
        return given

    def test_mail(self):
        """File-based mail is written to a folder of the worker's."""
        shared = self.place / "mail"
        self.filed(str(shared))
        with self.world():
            mail.send_mail("subject", "text", "a@example.com", ["b@example.com"])
            [folder] = mail_folders()
            [letter] = Path(folder).iterdir()
            self.assertIn("subject", letter.read_text())
            self.assertFalse(shared.exists())

    def test_no_mail_folder(self):
        """A project whose mail is not filed does not get a folder."""
        self.filed(None)
        with self.world(parts={"mail"}):
            self.assertEqual(mail_folders(), [])
        self.assertEqual(list(self.place.iterdir()), [])

    def test_named_in_overrides(self):
        """A folder that TESTING["OVERRIDES"] names is the project's word."""
        given = {"MEDIA_ROOT": "/m", **self.filed("/e")}
        with override_settings(MEDIA_ROOT="/m"), self.world(overrides=given):
            self.assertEqual(settings.MEDIA_ROOT, "/m")
            self.assertEqual(mail_folders(), ["/e"])

    def test_no_parts(self):
        """Without parts no setting changes and no folder is made."""
        before = (settings.CACHES, settings.MEDIA_ROOT)
        with self.world(parts=()):
            self.assertEqual((settings.CACHES, settings.MEDIA_ROOT), before)
        self.assertEqual(list(self.place.iterdir()), [])


class ProjectTests(SurroundingsCase):
    def test_order(self):
        """Functions are called in order, cleaned up in reverse, within the world."""
        with self.world(3, worker_setup=(f"{HERE}.first", f"{HERE}.second")):
            self.assertEqual(CALLS, [("first", 3, "test_w3"), ("second", 3, "test_w3")])
        self.assertEqual(CALLS[2:], ["first undone"])

    def test_failure(self):
        """A function that fails is named with its worker, and all is undone."""
        before = settings.MEDIA_ROOT
        with self.assertRaises(SetupFailure) as caught:
            self.world(worker_setup=(f"{HERE}.first", f"{HERE}.broken")).enter()
        message = str(caught.exception)
        self.assertIn(f"{HERE}.broken of TESTING['WORKER_SETUP'] failed", message)
        self.assertIn("worker 1 on test_w1 (LookupError: on purpose)", message)
        self.assertIn(" Next: ", message)
        self.assertEqual(CALLS[-1], "first undone")
        self.assertEqual(settings.MEDIA_ROOT, before)
        self.assertEqual(list(self.place.iterdir()), [])

    def test_odd_answer(self):
        """What is neither nothing nor a clean-up is refused."""
        with self.assertRaisesMessage(SetupFailure, "returned 'done', which cannot"):
            self.world(worker_setup=(f"{HERE}.talkative",)).enter()

    def test_unknown_function(self):
        """A path that cannot be imported is refused by its setting."""
        with self.assertRaisesMessage(UsageError, "TESTING['WORKER_SETUP'] names"):
            self.world(worker_setup=("no.such",)).enter()

    def test_failing_clean_up(self):
        """A clean-up that fails is told, and the others are called all the same."""
        told = io.StringIO()
        world = self.world(worker_setup=(f"{HERE}.first", f"{HERE}.third"))
        with mock.patch("sys.__stderr__", told), redirect_stderr(io.StringIO()):
            world.enter()
            world.leave()
        self.assertIn(f"warning: the clean-up that {HERE}.third", told.getvalue())
        self.assertIn("LookupError: on purpose", told.getvalue())
        self.assertEqual(CALLS[-1], "first undone")

    def test_worker_id(self):
        """The environment tells the number, and what it told before afterwards."""
        for before in ("7", None):
            with self.subTest(before=before), mock.patch.dict(os.environ):
                os.environ.pop("TEST_WORKER_ID", None)
                if before:
                    os.environ["TEST_WORKER_ID"] = before
                with self.world(2):
                    self.assertEqual(os.environ["TEST_WORKER_ID"], "2")
                self.assertEqual(os.environ.get("TEST_WORKER_ID"), before)


class SlotTests(SimpleTestCase):
    def test_slot(self):
        """The slot is the schema of the default database, else of another."""
        engine = EngineSettings(slot_prefix="unit")
        lease = SimpleNamespace(name="unit_w4")
        for leases, slot in (
            ({"audit": SimpleNamespace(name="unit_w9"), "default": lease}, "unit_w4"),
            ({"audit": lease}, "unit_w4"),
            ({}, f"unit_w2_{os.getpid()}"),
        ):
            workplace = mock.Mock(leases=leases)
            with self.subTest(leases=list(leases)):
                self.assertEqual(slot_of(workplace, engine=engine, worker_id=2), slot)
        self.assertEqual(
            slot_of(None, engine=engine, worker_id=2), f"unit_w2_{os.getpid()}"
        )
