"""Makes the web server's responses: files, JSON and bytes, with the headers that keep injected scripts out.

Styles may be inline because OBS injects its custom CSS as a style element.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from graphs.engine.web import words
from graphs.engine.web.sockets import encode
from nodes import phrases
from nodes.services import Json

if TYPE_CHECKING:
    from aiohttp.web import Request, Response, StreamResponse

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
}
"""File ending -> content type; a file with any other ending is not found."""

SHARED = Path(__file__).resolve().parents[3] / "assets" / "shared"
"""The files that the pages of all nodes share."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'"
)


def file(root: Path, name: str, token: str) -> "StreamResponse":
    """Return a file below ``root``; in an HTML page the token replaces ``{{token}}``, the language ``{{language}}``."""
    from aiohttp import web

    name = name or "index.html"
    parts = name.split("/")
    if any(sign in name for sign in "\\:\0") or any(part.startswith(".") or not part for part in parts):
        return plain(404, "there is no such page")
    found = root.joinpath(*parts)
    try:
        found = found.resolve()
        there = found.is_relative_to(root) and found.is_file()
    except OSError:  # the name is too long for a file
        there = False
    type_ = TYPES.get(found.suffix.lower())
    if type_ is None or not there:
        return plain(404, "there is no such page")
    if found.suffix == ".html":
        text = found.read_text(encoding="utf-8").replace("{{token}}", token).replace("{{language}}", phrases.tongue())
        return web.Response(body=text.encode(), headers={"Content-Type": type_, "Cache-Control": "no-store"})
    return web.FileResponse(found, headers={"Content-Type": type_})


def shared(path: str) -> "StreamResponse":
    """Return a file that no node serves: below ``/shared`` what all pages use, below ``/fonts`` the typeface."""
    from aiohttp import web

    if path == words.ADDRESS:
        return web.Response(body=words.script().encode(), headers={"Content-Type": TYPES[".js"]})
    top, _, rest = path.removeprefix("/").partition("/")
    within = {"shared": SHARED, "fonts": SHARED / "fonts"}.get(top)
    return plain(404, "there is no such page") if within is None or not rest else file(within, rest, "")


def for_a_person(request: "Request", refusal: "StreamResponse") -> "StreamResponse":
    """Return the page with the ways to the other pages where a browser asked for a page that does not exist."""
    page = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")
    if refusal.status != 404 or not page or request.path.startswith(("/api/", "/ws/")):
        return refusal
    found = file(SHARED, "missing.html", "")
    found.set_status(404)
    return found


def as_json(status: int, content: Json, query: Mapping[str, str] = MappingProxyType({})) -> "Response":
    """Return JSON; ``lang`` in the query is the language of the page that asked, else it is that of the program."""
    from aiohttp import web

    language = phrases.named(query.get("lang", ""))
    if language is not None and language != phrases.tongue():
        content = phrases.all_in_tongue(content, language)
    return web.Response(status=status, body=encode(content)[0], content_type="application/json", charset="utf-8")


def data(content: bytes, type_: str) -> "Response":
    """Return bytes that never change at their address."""
    from aiohttp import web

    return web.Response(body=content, headers={"Content-Type": type_, "Cache-Control": "max-age=86400, immutable"})


def plain(status: int, text: str) -> "Response":
    """Return a refusal, with its reason in words."""
    return as_json(status, {"error": text})


def secure(response: "StreamResponse") -> "StreamResponse":
    """Return the same response with the headers that every response carries."""
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-cache")
    return response
