from unittest import mock

from django.test import TestCase, override_settings

REQUEST = "/api/v1/auth/magic-link/request"


class RequestTests(TestCase):
    def link(self, **headers):
        """Ask for a link; returns the address that the mail would name."""
        with mock.patch("users.magic_link_views.magic_link_request") as request:
            response = self.client.post(
                REQUEST,
                {"email": "ann@example.com"},
                content_type="application/json",
                headers=headers,
            )
        self.assertEqual(response.status_code, 200, response.content)
        return request.call_args.kwargs["consume_url"]

    @override_settings(PUBLIC_URL="https://dance.example", ALLOWED_HOSTS=["*"])
    def test_public_address(self):
        """Where the service has a public address links lead there, whoever asks."""
        self.assertEqual(
            self.link(host="evil.example"),
            "https://dance.example/api/v1/auth/magic-link/consume",
        )

    @override_settings(PUBLIC_URL="")
    def test_address_of_the_request(self):
        """Without one they lead to where the request came."""
        self.assertEqual(
            self.link(), "http://testserver/api/v1/auth/magic-link/consume"
        )
