"""A file of JSON is there whole, or as it was before."""

import json
import tempfile
from pathlib import Path
from unittest import TestCase

from testing.json_file import write_whole


class WriteTests(TestCase):
    def test_whole(self):
        """The folder is made; what cannot be written leaves the file as it was."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "made" / "content.json"
            write_whole(path, {"a": [1]})
            self.assertEqual(json.loads(path.read_text()), {"a": [1]})
            with self.assertRaises(TypeError):
                write_whole(path, {"a": object()})
            self.assertEqual(json.loads(path.read_text()), {"a": [1]})
