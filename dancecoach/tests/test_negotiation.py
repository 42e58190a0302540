from django.test import SimpleTestCase


class LenientNegotiationTests(SimpleTestCase):
    def test_json_whatever_is_accepted(self):
        """A client that accepts no JSON gets it all the same."""
        for accept in ("text/html", "application/json", "*/*", "nonsense", ""):
            with self.subTest(accept=accept):
                response = self.client.get("/api/health", headers={"Accept": accept})
                self.assertEqual(response.status_code, 200)
                self.assertEqual(response["Content-Type"], "application/json")

    def test_format_is_no_override(self):
        """`?format=` does not choose a renderer, so no value of it is a 404."""
        response = self.client.get("/api/health?format=xml")
        self.assertEqual(response.status_code, 200)
