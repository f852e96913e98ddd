"""``aischoco.py login`` and ``logout``: log in with one visit to CHZZK's consent page, and keep that login."""

import argparse
import asyncio
import contextlib
import os
import secrets
import webbrowser
from collections.abc import Mapping, Sequence
from functools import partial
from hmac import compare_digest
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from nodes.chat._chzzk.account import Account, ChzzkError
from nodes.chat._chzzk.credentials import API_URL
from nodes.chat._chzzk.rest import secure_url
from nodes.chat._chzzk.tokens import TokenStore, open_store
from nodes.commands import command
from nodes.loopback import is_loopback
from nodes.phrases import phrase
from schemas.command import FAILED, OK, USAGE

if TYPE_CHECKING:
    from aiohttp import web

AUTH_URL = "https://chzzk.naver.com"
REDIRECT_URI = "http://localhost:8080/callback"
WAIT_S = 300.0
"""How long a person may take on the consent page."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
_NO_APPLICATION = """\
치지직 로그인에는 애플리케이션이 하나 필요합니다(무료, 한 번만).
1. 치지직 개발자 센터에서 애플리케이션을 만듭니다.
   이름과 ID에는 chzzk, 치지직, naver, 네이버를 넣을 수 없습니다.
2. 로그인 리디렉션 URL에 {redirect} 을(를) 그대로 적습니다.
3. API Scope에서 유저 정보 조회, 채팅 메시지 조회, 후원 조회, 구독 조회를 고릅니다(채팅에 쓰려면 채팅 메시지 쓰기도).
4. {env} 파일에 받은 값을 적습니다.
   CHZZK_CLIENT_ID=...
   CHZZK_CLIENT_SECRET=...
5. python aischoco.py login 을 다시 실행합니다.
(CHZZK_CLIENT_ID and CHZZK_CLIENT_SECRET are missing: make an application in CHZZK's developer centre.)"""


class _CannotListen(Exception):
    """The browser cannot return to this program by itself: the person has to paste the address."""


class _GivenUp(Exception):
    """The login ended without a code; the message says why."""


@command("login", "log in to CHZZK once; --paste where no browser can come back to this machine")
def login(argv: Sequence[str], root: Path, env: Mapping[str, str]) -> int:
    """Open the consent page, take the code from the callback (or as pasted), and store the login.

    Returns:
        0 if logged in, 1 if it failed, 2 if a line of .env is missing or wrong.
    """
    parser = argparse.ArgumentParser(prog="aischoco.py login", description=phrase("Log in to CHZZK."))
    parser.add_argument(
        "--paste", action="store_true", help=phrase("paste the address that the browser was sent back to")
    )
    paste: bool = parser.parse_args(argv).paste
    redirect = env.get("CHZZK_REDIRECT_URI") or REDIRECT_URI
    if not env.get("CHZZK_CLIENT_ID") or not env.get("CHZZK_CLIENT_SECRET"):
        print(_NO_APPLICATION.format(redirect=redirect, env=root / ".env"))
        return USAGE
    state = secrets.token_urlsafe(32)
    try:
        host, port, path = _callback(redirect)
        account = _account(env, open_store(print))
        page = _consent_page(env, redirect, state)
    except ValueError as error:
        print(f".env: {error}")
        return USAGE
    try:
        print(f"치지직에 로그인하고 '동의'를 누르세요. 브라우저가 열리지 않으면 이 주소를 여세요.\n{page}\n")
        code = None
        if not paste:
            try:
                code = asyncio.run(_received(host, port, path, state, page))
            except _CannotListen as reason:
                print(f"{reason} 주소를 직접 붙여 넣어 주세요.")
        asyncio.run(_finish(account, code or _pasted(state), state))
    except (KeyboardInterrupt, EOFError):
        print("\n로그인을 그만두었습니다.")
        return FAILED
    except (_GivenUp, ChzzkError) as error:
        print(f"로그인하지 못했습니다. {error}")
        return FAILED
    if env.get("CHZZK_ACCESS_TOKEN"):
        print("주의: .env의 CHZZK_ACCESS_TOKEN이 이 로그인보다 먼저 쓰입니다. 그 줄을 지우세요.")
    return OK


@command("logout", "log out of CHZZK: the login is revoked and deleted")
def logout(argv: Sequence[str], root: Path, env: Mapping[str, str]) -> int:  # noqa: ARG001
    """Revoke the tokens at CHZZK and delete them here; they are deleted even if revoking fails.

    Returns:
        0 if done, 1 if not revoked or not deleted, 2 if CHZZK_API_URL is wrong.
    """
    argparse.ArgumentParser(prog="aischoco.py logout", description=phrase("Log out of CHZZK.")).parse_args(argv)
    store = open_store(print)
    result, told = OK, "로그인되어 있지 않습니다."
    try:
        if store.load() is not None:
            told = "로그아웃했습니다. 이 컴퓨터의 로그인 정보를 지웠습니다."
            asyncio.run(_revoke(_account(env, store)))
    except ValueError as error:
        print(f".env: {error}")
        return USAGE
    except KeyboardInterrupt:
        print("\n로그아웃을 그만두었습니다.")
        return FAILED
    except ChzzkError as error:
        print(f"치지직에서는 취소하지 못했습니다. 남은 권한은 늦어도 30일 뒤에 저절로 끝납니다. {error}")
        result = FAILED
    try:
        store.delete()
    except OSError as error:
        print(f"이 컴퓨터에서 지우지 못했습니다. {error}")
        return FAILED
    print(told)
    return result


def _account(env: Mapping[str, str], store: TokenStore) -> Account:
    client_id, client_secret = env.get("CHZZK_CLIENT_ID", ""), env.get("CHZZK_CLIENT_SECRET", "")
    try:
        return Account(env.get("CHZZK_API_URL") or API_URL, client_id, client_secret, store=store, warn=print)
    except ValueError as error:
        raise ValueError(f"CHZZK_API_URL: {error}") from None


def _consent_page(env: Mapping[str, str], redirect: str, state: str) -> str:
    try:
        base = secure_url(env.get("CHZZK_AUTH_URL") or AUTH_URL)
    except ValueError as error:
        raise ValueError(f"CHZZK_AUTH_URL: {error}") from None
    query = {"clientId": env["CHZZK_CLIENT_ID"], "redirectUri": redirect, "state": state}
    return f"{base}/account-interlock?{urlencode(query)}"


def _callback(redirect: str) -> tuple[str, int, str]:
    """Return the (host, port, path) to listen on."""
    parts = urlsplit(redirect)
    try:
        port = parts.port or 80
    except ValueError:
        port = 0
    if parts.scheme != "http" or parts.hostname is None or not is_loopback(parts.hostname) or not port:
        raise ValueError(
            f"CHZZK_REDIRECT_URI는 이 컴퓨터여야 합니다. 예: {REDIRECT_URI} / must be http://localhost:PORT/..."
        )
    return parts.hostname, port, parts.path or "/"


async def _received(host: str, port: int, path: str, state: str, page: str) -> str:
    """Wait on the loopback interface for the browser to deliver the code.

    Raises:
        _CannotListen: the port is taken, or there is no browser.
        _GivenUp: no code came, or the person did not consent.
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
            raise _CannotListen(f"{host}:{port}을(를) 열 수 없습니다({os.strerror(error.errno or 0)}).") from None
        if not await asyncio.to_thread(webbrowser.open, page):
            raise _CannotListen("이 컴퓨터에는 열 수 있는 브라우저가 없습니다.")
        try:
            async with asyncio.timeout(WAIT_S):
                return await code
        except TimeoutError:
            raise _GivenUp(f"{WAIT_S / 60:.0f}분 동안 동의가 오지 않았습니다. 다시 실행하세요.") from None
    finally:
        await runner.cleanup()


async def _answer(request: "web.Request", path: str, state: str, code: "asyncio.Future[str]") -> "web.Response":
    if request.path != path:
        return _page(404, "없는 주소입니다", "터미널에 나온 주소로 다시 시도하세요.")
    if not compare_digest(request.query.get("state", "").encode(), state.encode()):
        return _page(400, "이 주소는 이 로그인의 것이 아닙니다", "터미널에 나온 주소로 다시 시도하세요.")
    if code.done():
        return _page(410, "이미 쓴 주소입니다", "이 창은 닫아도 됩니다.")
    if not request.query.get("code"):
        code.set_exception(_GivenUp("동의하지 않았거나 치지직이 code를 주지 않았습니다."))
        return _page(400, "로그인하지 않았습니다", "다시 하려면 터미널에서 python aischoco.py login 을 실행하세요.")
    code.set_result(request.query["code"])
    return _page(200, "동의를 받았습니다", "이 창을 닫고 터미널로 돌아가세요.")


def _page(status: int, title: str, text: str) -> "web.Response":
    from aiohttp import web

    html = (
        f'<!doctype html><html lang="ko"><meta charset="utf-8"><title>{title}</title>'
        '<body style="font: 1.2rem/1.6 sans-serif; max-width: 30rem; margin: 20vh auto; text-align: center">'
        f"<h1>{title}</h1><p>{text}</p></body></html>"
    )
    return web.Response(status=status, text=html, content_type="text/html", headers=_HEADERS)


def _pasted(state: str) -> str:
    """Return the code from what a person pastes: the whole address, or code and state one after the other."""
    text = input("동의한 뒤 브라우저가 간 주소 전체(또는 code): ").strip()
    query = parse_qs(urlsplit(text).query)
    code, given = query.get("code", [""])[0], query.get("state", [""])[0]
    if not query:
        code, given = text, input("state: ").strip()
    if not compare_digest(given.encode(), state.encode()):
        raise _GivenUp("state가 다릅니다. 방금 연 주소에서 온 것을 붙여 넣으세요.")
    if not code:
        raise _GivenUp("주소에 code가 없습니다. 치지직에서 동의했는지 보세요.")
    return code


async def _finish(account: Account, code: str, state: str) -> None:
    """Exchange the code, store the login, and say who is logged in and where the tokens are stored."""
    try:
        await account.exchange(code, state)
        try:
            channel_id, name = await account.me()
        except ChzzkError as error:  # the login works without it
            print(f"로그인했습니다. 어느 채널인지는 알아내지 못했습니다. {error}")
        else:
            print(f"{name} ({channel_id}) 채널로 로그인했습니다.")
    finally:
        await account.close()
    if not account.place:  # the reason was reported when saving failed
        raise _GivenUp("로그인 정보를 저장하지 못했습니다.")
    print(f"로그인 정보: {account.place}. 저절로 갱신되고, python aischoco.py logout 으로 지웁니다.")


async def _revoke(account: Account) -> None:
    try:
        await account.revoke()
    finally:
        await account.close()
