"""The same mail server, in the settings of each Django."""

from django.test import SimpleTestCase
from environ import Env

from dancecoach.mail_settings import mail_settings

SMTP = "smtp+tls://me:secret@mail.example:587"


def given(url):
    return Env.email_url_config(url)


class MailSettingsTests(SimpleTestCase):
    def test_separate(self):
        """Before 6.1 each is a setting of its own."""
        settings = mail_settings(given(SMTP), timeout=10, version=(5, 2))
        self.assertEqual(settings["EMAIL_HOST"], "mail.example")
        self.assertEqual(settings["EMAIL_PORT"], 587)
        self.assertEqual(settings["EMAIL_TIMEOUT"], 10)
        self.assertNotIn("MAILERS", settings)

    def test_mailers(self):
        """From 6.1 on they are options of one mailer, and none is left beside it."""
        settings = mail_settings(given(SMTP), timeout=10, version=(6, 1))
        self.assertEqual(
            settings,
            {
                "MAILERS": {
                    "default": {
                        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                        "OPTIONS": {
                            "host": "mail.example",
                            "port": 587,
                            "username": "me",
                            "password": "secret",
                            "use_tls": True,
                            "timeout": 10,
                        },
                    }
                }
            },
        )

    def test_console_and_file(self):
        """Backends that send nothing get no server."""
        for url, options in (
            ("consolemail://", {}),
            ("filemail:///tmp/mail", {"file_path": "tmp/mail"}),
        ):
            with self.subTest(url=url):
                settings = mail_settings(given(url), timeout=10, version=(6, 1))
                self.assertEqual(settings["MAILERS"]["default"]["OPTIONS"], options)
