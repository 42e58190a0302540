from django.test import RequestFactory, SimpleTestCase, override_settings

from dancecoach.client_address import client_address


class ClientAddressTests(SimpleTestCase):
    def address(self, remote, forwarded=None):
        meta = {"REMOTE_ADDR": remote}
        if forwarded is not None:
            meta["HTTP_X_FORWARDED_FOR"] = forwarded
        return client_address(RequestFactory().get("/", **meta))

    def test_without_a_proxy(self):
        """The connection tells; what a client claims is not believed."""
        self.assertEqual(self.address("10.0.0.1"), "10.0.0.1")
        self.assertEqual(self.address("10.0.0.1", "1.2.3.4"), "10.0.0.1")

    def test_ipv6(self):
        """A subscriber's network is one client, a mapped address is what it maps."""
        self.assertEqual(self.address("2001:db8:1:2::9"), "2001:db8:1:2::/64")
        self.assertEqual(self.address("2001:db8:1:2:f::"), "2001:db8:1:2::/64")
        self.assertEqual(self.address("::ffff:10.0.0.1"), "10.0.0.1")

    def test_no_address(self):
        """A Unix socket and nonsense have none."""
        for text in ("", "unix:", "10.0.0"):
            with self.subTest(text=text):
                self.assertEqual(self.address(text), "")

    def test_behind_proxies(self):
        """As many hops as there are proxies are believed, counted from the end."""
        chain = "6.6.6.6, 1.2.3.4, 10.0.0.9"
        for count, expected in ((1, "10.0.0.9"), (2, "1.2.3.4"), (4, "10.0.0.1")):
            with self.subTest(count=count), override_settings(PROXY_COUNT=count):
                self.assertEqual(self.address("10.0.0.1", chain), expected)
        with override_settings(PROXY_COUNT=1):
            self.assertEqual(self.address("10.0.0.1"), "10.0.0.1")
            self.assertEqual(self.address("10.0.0.1", "<script>"), "")
