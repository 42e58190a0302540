"""What becomes of attachments on a page."""

import base64

from django.test import SimpleTestCase

from testing.bdd.reports.attachments import AttachmentBudget


def pair(mime_type: str, content: bytes) -> list[str]:
    return [mime_type, base64.b64encode(content).decode()]


class AttachmentBudgetTests(SimpleTestCase):
    def test_pictures_and_texts(self):
        """Pictures have a source, texts their text."""
        picture, text = AttachmentBudget().show(
            [
                pair("image/PNG; x=1", b"\x89"),
                pair("application/json", b'{"a": "\xff"}'),
            ]
        )
        self.assertEqual(picture.source, "data:image/png;base64,iQ==")
        self.assertEqual(text.text, '{"a": "\ufffd"}')

    def test_left_out(self):
        """Other types, broken data and what is too large are named."""
        budget = AttachmentBudget(left=10)
        shown = budget.show(
            [
                pair("video/mp4", b"1"),
                ["image/png", "no base 64"],
                pair("image/png", b"12345678"),
                pair("image/png", b"123"),
                pair("image/png", b"12"),
            ]
        )
        self.assertEqual(
            [one.left_out for one in shown],
            [
                "of a type that is not shown",
                "its data cannot be read",
                "",
                "too large for this page",
                "",
            ],
        )
        self.assertEqual(budget.left_out, 3)

    def test_type_that_is_no_type(self):
        """A type that carries markup is not taken over into the source."""
        [shown] = AttachmentBudget().show([pair('image/png"onload=x', b"1")])
        self.assertEqual(shown.source, "")
