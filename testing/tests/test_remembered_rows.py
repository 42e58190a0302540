"""Rows that Django's apps remember are read again after a reset."""

from django.contrib.contenttypes.models import ContentType
from django.test import TestCase

from testing.remembered_rows import REMEMBERING, forget_rows


class ForgetRowsTests(TestCase):
    def test_content_types(self):
        """A content type is read from the database again."""
        ContentType.objects.get_for_model(ContentType)
        with self.assertNumQueries(0):
            ContentType.objects.get_for_model(ContentType)
        forget_rows()
        with self.assertNumQueries(1):
            ContentType.objects.get_for_model(ContentType)

    def test_managers(self):
        """Canary: both apps' managers have the method."""
        from django.contrib.sites.managers import CurrentSiteManager

        self.assertEqual([app for app, _ in REMEMBERING][1], "django.contrib.sites")
        self.assertIs(callable(CurrentSiteManager), True)
        self.assertIs(callable(ContentType.objects.clear_cache), True)
