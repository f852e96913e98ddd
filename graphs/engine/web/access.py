"""Decides who may use the web server from another machine: anyone with its key.

The token in the pages keeps other web pages out, not other people: anyone who gets the page gets the token. So, if the
server can be reached from other machines, a request from one of them needs the key: once in the address (``?key=...``),
which stores it in a cookie of this server, or as ``Authorization: Bearer ...``, for example from Prometheus. Requests
from this machine need no key.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from nodes.loopback import is_loopback
from nodes.phrases import phrase

if TYPE_CHECKING:
    from aiohttp.web import Request, Response

COOKIE = "aischoco_key"
SHORTEST = 12
"""A key chosen by a person has at least this many characters."""
DAYS = 30
"""A browser keeps the key for this many days; a key made for one run is worthless after that run."""
WRONG_AT_ONCE, WRONG_AGAIN_S = 8, 4.0
"""A machine may send this many wrong keys at once, then one every this many seconds; further ones are not compared."""
GUESSERS = 256
"""Remember at most this many machines."""


class Guesses:
    """Counts the different wrong keys that each machine has sent recently.

    A machine that repeats the same wrong key, as a page with the cookie of the last run does, is not guessing.
    """

    def __init__(self, now: Callable[[], float], tell: Callable[[str], object]) -> None:
        """
        Args:
            tell: called once with the address of a machine that has to wait.
        """
        self._now = now
        self._tell = tell
        self._of: OrderedDict[str, tuple[float, float, bytes, bool]] = OrderedDict()
        """Machine -> wrong keys that count, time of that count, digest of the last one, whether ``tell`` was called."""

    def tried(self, machine: str, key: str, right: str) -> Literal[200, 403, 429]:
        """Compare a key: 200 if it is right, 403 if not, 429 if the machine sent too many wrong ones to compare it."""
        count, now, last, told = self._standing(machine)
        if count >= WRONG_AT_ONCE and last != _digest(key):
            if not told:
                self._tell(machine)
                self._of[machine] = (*self._of[machine][:3], True)
            return 429
        if same(key, right):
            return 200
        self._of[machine] = count + (last != _digest(key)), now, _digest(key), told
        self._of.move_to_end(machine)
        if len(self._of) > GUESSERS:
            self._of.popitem(last=False)
        return 403

    def _standing(self, machine: str) -> tuple[float, float, bytes, bool]:
        now = self._now()
        count, since, last, told = self._of.get(machine, (0.0, now, b"", False))
        return max(0.0, count - (now - since) / WRONG_AGAIN_S), now, last, told


class Access:
    """Holds the key and checks the requests that carry it."""

    def __init__(
        self,
        key: str = "",
        *,
        now: Callable[[], float] = time.monotonic,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        """
        Args:
            key: empty to have one made for this run.
            tell: called with the address of a machine that sends one wrong key after another.

        Raises:
            ValueError: the key is too short.
        """
        if key and len(key) < SHORTEST:
            raise ValueError(
                phrase("{variable}: a key must have {least} letters or more", variable="OVERLAY_KEY", least=SHORTEST)
            )
        self.key = key or secrets.token_urlsafe(SHORTEST)
        self._guesses = Guesses(now, tell)

    def refuse(self, request: "Request") -> tuple[int, str] | None:
        """Say why a request is not answered: (status, text); None if it may be answered."""
        if is_loopback(request.remote):
            return None
        guesser = machine(request.remote or "")
        for key in (request.cookies.get(COOKIE, ""), bearer(request), request.query.get("key", "")):
            if not key:
                continue
            status = self._guesses.tried(guesser, key, self.key)
            if status == 200:
                return None
            if status == 429:
                return 429, slowed()
        text = phrase("from another machine the address needs its key: ?key=..., as the program says when it starts")
        return 403, text

    def enter(self, request: "Request") -> "Response | None":
        """Redirect an address with the key to the same address without it; None for other requests.

        The key then appears in no history and no screenshot, and the browser keeps it in a cookie.
        """
        from aiohttp import web

        if request.method != "GET" or not same(request.query.get("key", ""), self.key):
            return None
        rest = [(name, value) for name, value in request.query.items() if name != "key"]
        query = urlencode(rest)
        path = "/" + request.rel_url.raw_path.lstrip("/")  # "//" would lead to another server
        answer = web.Response(status=303, headers={"Location": path + (f"?{query}" if query else "")})
        answer.set_cookie(COOKIE, self.key, max_age=DAYS * 86400, httponly=True, samesite="Lax")
        return answer


def slowed() -> str:
    """Return why a key is not compared."""
    return phrase("too many wrong keys came from this machine; wait a few seconds")


def same(key: str, right: str) -> bool:
    """Whether a key is the right one; how long this takes does not tell how much of it is."""
    return secrets.compare_digest(key.encode("utf-8", "replace"), right.encode())


def bearer(request: "Request") -> str:
    """Return the key in ``Authorization: Bearer ...``; empty if there is none."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def machine(remote: str) -> str:
    """Return the address of a machine; for IPv6 its network, as it can use any address within that."""
    try:
        address = ip_address(remote.partition("%")[0])
    except ValueError:
        return remote
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return remote


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
