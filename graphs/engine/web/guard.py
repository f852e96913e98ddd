"""Decides which requests to answer: not those for a rebound name, nor those from another web page.

The Host must name this server (DNS rebinding), the Origin must be our own on WebSockets and POST, Sec-Fetch-Site must
not be foreign unless a person follows a link, and a POST needs the token that only our own pages have.
"""

import ipaddress
import secrets
from typing import TYPE_CHECKING

from nodes.phrases import phrase

if TYPE_CHECKING:
    from aiohttp.web import Request


class Guard:
    """Knows the server by the host it listens on, and its pages by their token."""

    def __init__(self, host: str) -> None:
        self.token = secrets.token_urlsafe(24)
        self._host = host

    def refuse(self, request: "Request", port: int) -> tuple[int, str] | None:
        """Say why a request to ``port`` must not be answered: (status, text); None if it may be."""
        refusal = self.refuse_foreign(request, port)
        given = request.headers.get("X-Token", "").encode("utf-8", "replace")
        if refusal is None and request.method == "POST" and not secrets.compare_digest(given, self.token.encode()):
            return 403, phrase("the token is missing or old; reload the page")
        return refusal

    def refuse_foreign(self, request: "Request", port: int) -> tuple[int, str] | None:
        """Say why a request to ``port`` is meant for another server, or comes from another web page."""
        headers = request.headers
        host = headers.get("Host", "")
        if not self._ours(host, port):
            return 421, phrase("this server is for this machine only")
        upgrade = "Upgrade" in headers
        if (upgrade or request.method not in ("GET", "HEAD")) and headers.get("Origin", f"http://{host}") != (
            f"http://{host}"
        ):
            return 403, phrase("another page may not do this")
        site = headers.get("Sec-Fetch-Site", "none")
        followed = request.method == "GET" and headers.get("Sec-Fetch-Mode") == "navigate"
        if site not in ("same-origin", "none") and not followed:
            return 403, phrase("another page may not read this")
        return None

    def _ours(self, host: str, port: int) -> bool:
        """Whether a Host header names this server: a rebound DNS name never does."""
        name, _, given = host.rpartition(":") if not host.endswith("]") and ":" in host else (host, "", "80")
        if given != str(port):
            return False
        bare = name.removeprefix("[").removesuffix("]")
        if bare in ("127.0.0.1", "localhost", "::1", self._host):
            return True
        return unspecified(self._host) and _address(bare) is not None


def unspecified(host: str) -> bool:
    """Whether listening on ``host`` means every address of the machine."""
    address = _address(host)
    return address is not None and address.is_unspecified


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
