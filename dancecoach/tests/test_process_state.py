import logging

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.test import TestCase

from dancecoach.process_state import restore
from users.models import User


class RestoreTests(TestCase):
    def test_level_and_content_types(self):
        """The log's level is put back, and content types are looked up again."""
        logging.getLogger().setLevel("CRITICAL")
        ContentType.objects.get_for_model(User)
        restore()
        self.assertEqual(
            logging.getLogger().level, logging.getLevelName(settings.LOG_LEVEL)
        )
        with self.assertNumQueries(1):
            ContentType.objects.get_for_model(User)
