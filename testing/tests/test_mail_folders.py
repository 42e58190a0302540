"""Folders of mail, by the settings of older and newer releases of Django."""

import warnings
from pathlib import Path

import django
from django.conf import settings
from django.test import SimpleTestCase, override_settings

from testing.mail_folders import deprecated_settings, mail_folders, moved_mail

FILED = {
    "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
    "OPTIONS": {"file_path": "/letters"},
}
OTHER = {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}


class MailFoldersTests(SimpleTestCase):
    def test_one_setting(self):
        """EMAIL_FILE_PATH counts where there is no MAILERS; it warns of nothing."""
        with deprecated_settings():
            override = override_settings(EMAIL_FILE_PATH="/letters")
            override.enable()
            self.addCleanup(override.disable)
        # A deleted setting is as one that was never there.
        if hasattr(settings, "MAILERS"):
            del settings.MAILERS
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.assertEqual(mail_folders(), ["/letters"])
            self.assertEqual(moved_mail(Path("/w1")), {"EMAIL_FILE_PATH": "/w1"})

    def test_mailers(self):
        """Each mailer that writes files is moved to a folder of its own."""
        mailers = {"default": OTHER, "filed": FILED}
        with override_settings(MAILERS=mailers):
            self.assertEqual(mail_folders(), ["/letters"])
            changes = moved_mail(Path("/w1"))
        filed = {**FILED, "OPTIONS": {"file_path": "/w1/filed"}}
        self.assertEqual(changes, {"MAILERS": {"default": OTHER, "filed": filed}})
        self.assertEqual(mailers["filed"], FILED)

    def test_no_files(self):
        """Mailers that write no file are left as they are."""
        with override_settings(MAILERS={"default": OTHER}):
            if django.VERSION >= (6, 1):
                self.assertEqual(mail_folders(), [])
            self.assertEqual(moved_mail(Path("/w1")), {})
