"""Decides who may use the web server from another machine: anyone with its key.

The token in the pages keeps other web pages out, not other people: whoever gets the page gets the token. So, where the
server can be reached from other machines, a request from one needs the key: in the address once (``?key=...``), which
leaves it as a cookie of this server, or as ``Authorization: Bearer ...``, as for a Prometheus. This machine needs none.
"""

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nodes.loopback import is_loopback

if TYPE_CHECKING:
    from aiohttp.web import Request, Response

COOKIE = "aischoco_key"
SHORTEST = 12
"""Characters of a key that a person chose."""
DAYS = 30
"""How long a browser keeps it; a key that was made for one run is worth nothing after it."""


class Access:
    """The key, and the requests that bring it."""

    def __init__(self, key: str = "") -> None:
        """
        Args:
            key: empty for one that is made for this run.

        Raises:
            ValueError: the key is too short to be one.
        """
        if key and len(key) < SHORTEST:
            raise ValueError(f"OVERLAY_KEY: 다른 기기에서 쓸 열쇠는 {SHORTEST}자 이상이어야 합니다 (too short).")
        self.key = key or secrets.token_urlsafe(SHORTEST)

    def refuse(self, request: "Request") -> tuple[int, str] | None:
        """Why a request is not answered: (status, text)."""
        given = (request.cookies.get(COOKIE, ""), _bearer(request), request.query.get("key", ""))
        if is_loopback(request.remote) or any(self._is(key) for key in given):
            return None
        return 403, "from another machine the address needs its key: ?key=..., as the program says when it starts"

    def enter(self, request: "Request") -> "Response | None":
        """The answer to an address with the key: the same without it, so that it stands in no history and no picture;
        the browser keeps it."""
        from aiohttp import web

        if request.method != "GET" or not self._is(request.query.get("key", "")):
            return None
        rest = [(name, value) for name, value in request.query.items() if name != "key"]
        query = urlencode(rest)
        path = "/" + request.rel_url.raw_path.lstrip("/")  # "//" would lead to another server
        answer = web.Response(status=303, headers={"Location": path + (f"?{query}" if query else "")})
        answer.set_cookie(COOKIE, self.key, max_age=DAYS * 86400, httponly=True, samesite="Lax")
        return answer

    def _is(self, key: str) -> bool:
        return secrets.compare_digest(key.encode("utf-8", "replace"), self.key.encode())


def _bearer(request: "Request") -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
