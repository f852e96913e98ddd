"""Decides which hosts are this machine or at home, and which addresses may be sent a secret."""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit


def is_loopback(host: str | None) -> bool:
    """Whether a host (a name, or an address with or without a zone) can only be this machine.

    ``localhost`` is; other names may resolve to anything, so they are not.
    """
    host = (host or "").lower()
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host == "localhost"
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def is_at_home(url: str) -> bool:
    """Whether a URL is of this machine or of the local network, also of one that Tailscale makes: no service's."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        return not ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".lan", ".internal", ".ts.net"))


def names_loopback(host: str | None) -> bool:
    """Whether the Host header of a request, with or without a port, names this machine; a rebound name does not."""
    try:
        name = urlsplit(f"//{host or ''}").hostname
    except ValueError:
        return False
    return is_loopback(name)


def is_confidential(url: str) -> bool:
    """Whether nobody on the way can read what is sent to a URL: it is encrypted, or does not leave this machine."""
    parts = urlsplit(url)
    near = parts.scheme == "http" and is_loopback(parts.hostname)
    return bool(parts.hostname) and (parts.scheme == "https" or near)
