"""``aischoco.py login`` and ``logout``: log in with one visit to CHZZK's consent page, and keep that login."""

import argparse
import asyncio
import secrets
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from hmac import compare_digest
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from nodes.chat._chzzk.account import Account, ChzzkError
from nodes.chat._chzzk.consent import REDIRECT_URI, CannotListen, GivenUp, callback, received, within_patience
from nodes.chat._chzzk.credentials import API_URL
from nodes.chat._chzzk.rest import secure_url
from nodes.chat._chzzk.scopes import MORE, READ
from nodes.chat._chzzk.tokens import TokenStore, open_store
from nodes.commands import Desk, command, visit
from nodes.phrases import Phrase, phrase, said_by
from schemas.command import FAILED, OK, USAGE

if TYPE_CHECKING:
    pass

AUTH_URL = "https://chzzk.naver.com"


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
        print(_no_application(redirect, root / ".env"))
        return USAGE
    state = secrets.token_urlsafe(32)
    try:
        host, port, path = callback(redirect)
        account = _account(env, open_store(print))
        page = _consent_page(env, redirect, state)
    except ValueError as error:
        print(f".env: {error}")
        return USAGE
    try:
        print(phrase("Log in to CHZZK and press '{agree}'. If no browser opens, open this address.", agree="동의"))
        print(page)
        print()
        code = None
        if not paste:
            try:
                code = asyncio.run(received(host, port, path, state, lambda: asyncio.to_thread(webbrowser.open, page)))
            except CannotListen as reason:
                print(phrase("{why} Please paste the address yourself.", why=said_by(reason)))
        asyncio.run(_finish(account, code or _pasted(state), state))
    except (KeyboardInterrupt, EOFError):
        print()
        print(phrase("The login was given up."))
        return FAILED
    except (GivenUp, ChzzkError) as error:
        print(phrase("You are not logged in. {why}", why=said_by(error)))
        return FAILED
    print(phrase("Whether the API scopes suffice: python aischoco.py doctor graphs/my.yaml"))
    if env.get("CHZZK_ACCESS_TOKEN"):
        print(phrase("Note: CHZZK_ACCESS_TOKEN in .env is used before this login. Delete that line."))
    return OK


@visit("chzzk")
async def from_page(env: Mapping[str, str], desk: Desk) -> str:
    """Log in as the command does, for a page of ours; where the answer cannot come back by itself, it is pasted there.

    Returns:
        Who is logged in.

    Raises:
        ValueError: nobody is; the text says why.
    """
    if not env.get("CHZZK_CLIENT_ID") or not env.get("CHZZK_CLIENT_SECRET"):
        raise ValueError(phrase("enter the client ID and the client secret first"))
    redirect, state = env.get("CHZZK_REDIRECT_URI") or REDIRECT_URI, secrets.token_urlsafe(32)
    host, port, path = callback(redirect)
    page, told = _consent_page(env, redirect, state), list[str]()
    account = _account(env, open_store(desk.warn), desk.warn)

    async def opened() -> bool:
        desk.show(page)
        return True

    try:
        try:
            code = await received(host, port, path, state, opened)
        except CannotListen as reason:
            code = await _pasted_there(desk, page, said_by(reason), state)
        await _finish(account, code, state, told.append)
    except (GivenUp, ChzzkError) as error:
        raise ValueError(said_by(error)) from None
    return told[0]


async def _pasted_there(desk: Desk, page: str, why: str, state: str) -> str:
    """Return the code of the first right address that is pasted within ``WAIT_S``."""
    async with within_patience():
        while True:
            desk.show(page, why)
            try:
                return _code_in(_query_of(await desk.pasted()), state)
            except GivenUp as wrong:
                why = said_by(wrong)


@command("logout", "log out of CHZZK: the login is revoked and deleted")
def logout(argv: Sequence[str], root: Path, env: Mapping[str, str]) -> int:  # noqa: ARG001
    """Revoke the tokens at CHZZK and delete them here; they are deleted even if revoking fails.

    Returns:
        0 if done, 1 if not revoked or not deleted, 2 if CHZZK_API_URL is wrong.
    """
    argparse.ArgumentParser(prog="aischoco.py logout", description=phrase("Log out of CHZZK.")).parse_args(argv)
    store = open_store(print)
    result, told = OK, phrase("Nobody is logged in.")
    try:
        if store.load() is not None:
            told = phrase("You are logged out. The login was deleted from this computer.")
            asyncio.run(_revoke(_account(env, store)))
    except ValueError as error:
        print(f".env: {error}")
        return USAGE
    except KeyboardInterrupt:
        print()
        print(phrase("The logout was given up."))
        return FAILED
    except ChzzkError as error:
        text = phrase(
            "It could not be revoked at CHZZK. What permission is left ends by itself in 30 days at most. {why}",
            why=said_by(error),
        )
        print(text)
        result = FAILED
    try:
        store.delete()
    except OSError as error:
        print(phrase("It could not be deleted from this computer. {why}", why=said_by(error)))
        return FAILED
    print(told)
    return result


def _no_application(redirect: str, env: Path) -> Phrase:
    return phrase(
        "To log in to CHZZK you need an application (free, only once).\n"
        "1. Make an application in CHZZK's developer centre.\n"
        "   Its name and ID must not have these in them: {taken}\n"
        "2. Give {redirect} as its login redirect URL, exactly so.\n"
        "3. Choose these API scopes: {scopes}\n"
        "   and, for nodes that your graph has:\n"
        "{more}\n"
        "4. Write what you were given into the file {env}.\n"
        "   CHZZK_CLIENT_ID=...\n"
        "   CHZZK_CLIENT_SECRET=...\n"
        "5. Run python aischoco.py login again.",
        redirect=redirect,
        env=env,
        taken="chzzk, 치지직, naver, 네이버",
        scopes=", ".join(READ),
        more="\n".join(f"   {type_}: {', '.join(scopes)}" for type_, scopes in MORE.items()),
    )


def _account(env: Mapping[str, str], store: TokenStore, warn: Callable[[str], object] = print) -> Account:
    client_id, client_secret = env.get("CHZZK_CLIENT_ID", ""), env.get("CHZZK_CLIENT_SECRET", "")
    try:
        return Account(env.get("CHZZK_API_URL") or API_URL, client_id, client_secret, store=store, warn=warn)
    except ValueError as error:
        raise ValueError(f"CHZZK_API_URL: {error}") from None


def _consent_page(env: Mapping[str, str], redirect: str, state: str) -> str:
    try:
        base = secure_url(env.get("CHZZK_AUTH_URL") or AUTH_URL)
    except ValueError as error:
        raise ValueError(f"CHZZK_AUTH_URL: {error}") from None
    query = {"clientId": env["CHZZK_CLIENT_ID"], "redirectUri": redirect, "state": state}
    return f"{base}/account-interlock?{urlencode(query)}"


def _pasted(state: str) -> str:
    """Return the code from what a person pastes: the whole address, or code and state one after the other."""
    text = input(phrase("The whole address that the browser went to after your consent (or the code): ")).strip()
    query = _query_of(text)
    if not query:
        query = {"code": [text], "state": [input("state: ").strip()]}
    return _code_in(query, state)


def _query_of(address: str) -> Mapping[str, Sequence[str]]:
    try:
        return parse_qs(urlsplit(address.strip()).query)
    except ValueError:  # not an address at all
        return {}


def _code_in(query: Mapping[str, Sequence[str]], state: str) -> str:
    """Return the code of the query with which CHZZK sent the browser back.

    Raises:
        GivenUp: it is not of this login, or has no code.
    """
    code, given = query.get("code", [""])[0], query.get("state", [""])[0]
    if not compare_digest(given.encode(), state.encode()):
        raise GivenUp(
            phrase(
                "That is not from this login. Agree on the page that was opened just now, and paste the address after "
                "that."
            )
        )
    if not code:
        raise GivenUp(phrase("The address has no code. See whether you consented at CHZZK."))
    return code


async def _finish(account: Account, code: str, state: str, tell: Callable[[str], object] = print) -> None:
    """Exchange the code, store the login, and say who is logged in and where the tokens are stored."""
    try:
        await account.exchange(code, state)
        try:
            channel_id, name = await account.me()
        except ChzzkError as error:  # the login works without it
            tell(phrase("You are logged in. Which channel it is could not be found out. {why}", why=said_by(error)))
        else:
            tell(phrase("You are logged in as the channel {name} ({id}).", name=name, id=channel_id))
    finally:
        await account.close()
    if not account.place:  # the reason was reported when saving failed
        raise GivenUp(phrase("The login could not be saved."))
    text = phrase(
        "The login is kept in: {place}. It is renewed by itself, and deleted by python aischoco.py logout.",
        place=account.place,
    )
    tell(text)


async def _revoke(account: Account) -> None:
    try:
        await account.revoke()
    finally:
        await account.close()
