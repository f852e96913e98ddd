"""The visit to CHZZK's consent page: listens on this computer for what the browser comes back with."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nodes.loopback import is_loopback
from nodes.phrases import phrase, reason_of, tongue

if TYPE_CHECKING:
    from aiohttp import web

REDIRECT_URI = "http://localhost:8080/callback"
WAIT_S = 300.0
"""How long a person may take on the consent page."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


class CannotListen(Exception):
    """The browser cannot return to this program by itself: the person has to paste the address."""


class GivenUp(Exception):
    """The login ended without a code; the message says why."""


def callback(redirect: str) -> tuple[str, int, str]:
    """Return the (host, port, path) to listen on."""
    parts = urlsplit(redirect)
    try:
        port = parts.port or 80
    except ValueError:
        port = 0
    if parts.scheme != "http" or parts.hostname is None or not is_loopback(parts.hostname) or not port:
        raise ValueError(phrase("CHZZK_REDIRECT_URI must be of this computer, such as {like}", like=REDIRECT_URI))
    return parts.hostname, port, parts.path or "/"


async def received(host: str, port: int, path: str, state: str, opened: Callable[[], Awaitable[bool]]) -> str:
    """Wait on the loopback interface for the browser to deliver the code.

    Args:
        opened: shows the consent page to the person; whether it could.

    Raises:
        CannotListen: the port is taken, or there is no browser.
        GivenUp: no code came, or the person did not consent.
    """
    from aiohttp import web

    code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    application = web.Application()
    application.router.add_get("/{path:.*}", partial(_answer, path=path, state=state, code=code), allow_head=False)
    runner = web.AppRunner(
        application, access_log=None, handle_signals=False, shutdown_timeout=1.0
    )  # an access log would reveal the code
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, "127.0.0.1" if host == "localhost" else host, port).start()
            if host == "localhost":
                with contextlib.suppress(OSError):  # a browser may try ::1 first; not every machine has it
                    await web.TCPSite(runner, "::1", port).start()
        except OSError as error:
            place, why = f"{host}:{port}", reason_of(error)
            raise CannotListen(phrase("{place} cannot be opened ({why}).", place=place, why=why)) from None
        if not await opened():
            raise CannotListen(phrase("This computer has no browser that can be opened."))
        async with within_patience():
            return await code
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def within_patience() -> AsyncGenerator[None]:
    """Wait no longer than a person may take.

    Raises:
        GivenUp: that was not enough.
    """
    try:
        async with asyncio.timeout(WAIT_S):
            yield
    except TimeoutError:
        waited = f"{WAIT_S / 60:.0f}"
        raise GivenUp(phrase("No consent came in {minutes} minutes. Run it again.", minutes=waited)) from None


async def _answer(request: "web.Request", path: str, state: str, code: "asyncio.Future[str]") -> "web.Response":
    if request.path != path:
        return _page(404, phrase("There is no such address"), phrase("Try the address in the terminal again."))
    if not compare_digest(request.query.get("state", "").encode(), state.encode()):
        title = phrase("This address is not of this login")
        return _page(400, title, phrase("Try the address in the terminal again."))
    if code.done():
        return _page(410, phrase("This address has been used"), phrase("This window may be closed."))
    if not request.query.get("code"):
        code.set_exception(GivenUp(phrase("There was no consent, or CHZZK gave no code.")))
        again = phrase("To try again, begin the login once more where you began it.")
        return _page(400, phrase("You are not logged in"), again)
    code.set_result(request.query["code"])
    return _page(
        200,
        phrase("You have consented"),
        phrase("Close this window and go back to where you began: the terminal, or the page."),
    )


def _page(status: int, title: str, text: str) -> "web.Response":
    from aiohttp import web

    html = (
        f'<!doctype html><html lang="{tongue()}"><meta charset="utf-8"><title>{title}</title>'
        '<body style="font: 1.2rem/1.6 sans-serif; max-width: 30rem; margin: 20vh auto; text-align: center">'
        f"<h1>{title}</h1><p>{text}</p></body></html>"
    )
    return web.Response(status=status, text=html, content_type="text/html", headers=_HEADERS)
