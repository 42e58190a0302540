"""Which client a request comes from."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

__all__ = ["client_address"]

# What one subscriber has of IPv6: taking another address of it costs nothing.
NETWORK_OF_ONE = 64


def client_address(request: HttpRequest) -> str:
    """Return the client's IPv4 address or IPv6 network, or "" when none is known.

    With PROXY_COUNT proxies before the service it is the address that the
    outermost of them saw; what the client itself claims is never believed.
    """
    text = request.META.get("REMOTE_ADDR", "")
    if settings.PROXY_COUNT:
        forwarded = request.headers.get("X-Forwarded-For", "")
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        if len(hops) >= settings.PROXY_COUNT:
            text = hops[-settings.PROXY_COUNT]
    return _canonical(text)


def _canonical(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        # A Unix socket has none, and a proxy may write what it likes.
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), NETWORK_OF_ONE), strict=False))
    return str(address)
