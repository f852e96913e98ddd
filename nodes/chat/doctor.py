"""Exams of the nodes that talk to CHZZK: the login, the channel, the application's permissions."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from importlib import import_module
from typing import Any

from reactivex.disposable import Disposable

from nodes.chat._chzzk.account import Account, ChzzkError, Forbidden
from nodes.chat._chzzk.channel import followers, setting
from nodes.chat._chzzk.credentials import Credentials
from nodes.chat._chzzk.scopes import CHAT_SETTINGS, FOLLOWERS, LIVE_SETTING, WRITES, scope
from nodes.chat._chzzk.session import KINDS, Kind, Session, named
from nodes.chat._chzzk.socket import websockets
from nodes.chat._chzzk.writes import chat_settings
from nodes.chat._chzzk_anon.api import AnonApi
from nodes.chat._chzzk_anon.session import closed
from nodes.chat.chzzk import Chzzk
from nodes.chat.chzzk_anon import ChzzkAnon
from nodes.chat.moderate import Moderate
from nodes.chat.show import Show
from nodes.exams import Finding, Probe, exam
from nodes.phrases import phrase, said_by
from nodes.websocket import Lost
from schemas.chat import Reason, ViewerEvent

_READS: Mapping[type[Credentials], Mapping[str, Callable[[Account], Awaitable[Any]]]] = {
    Show: {LIVE_SETTING: setting, FOLLOWERS: followers},
    Moderate: {CHAT_SETTINGS: chat_settings},
}
"""What a node reads on air: address -> the call."""


@exam("chat.chzzk", "chat.send", "chat.show", "chat.moderate", within_s=20.0)
async def chzzk(config: Credentials, probe: Probe) -> Sequence[Finding]:
    """Check whether somebody is logged in (an expired login is renewed), and whether chat, donations and subscriptions
    may be read: CHZZK does not list permissions, so a session is opened, all three are requested, and it is closed
    again, and what ``chat.show`` and ``chat.moderate`` read is read once. Permission to write can only be checked by
    writing, so its scopes are named.
    """
    if isinstance(config, Show) and not config.logged_in:
        return []
    account = config.account(probe.log)
    try:
        try:
            channel_id, name = await account.me()
        except ChzzkError as error:
            return [Finding(False, phrase("CHZZK login"), said_by(error))]
        plain = account.store.plain if account.store else ""
        what = phrase("CHZZK login: {channel}", channel=name or channel_id)
        found = [Finding(True, phrase("{what} ({plain})", what=what, plain=plain) if plain else what)]
        if isinstance(config, Chzzk):
            return [*found, await _rights(account, probe)]
        found += [await _read(account, path, call) for path, call in _READS.get(type(config), {}).items()]
        if isinstance(config, Moderate):
            told = phrase("CHZZK scopes that only a press in the dock shows: {names}", names=", ".join(WRITES))
            found.append(Finding(True, told))
        return found
    finally:
        await account.close()


async def _read(account: Account, path: str, call: Callable[[Account], Awaitable[Any]]) -> Finding:
    """Check whether something may be read, by reading it."""
    what = phrase("CHZZK scope '{scope}'", scope=scope(path))
    try:
        await call(account)
    except ChzzkError as error:
        return Finding(False, what, said_by(error))
    return Finding(True, what)


class _Complete(Exception):
    """Everything that was requested has been confirmed or refused."""


class _Told:
    """Records which kinds of events a session receives and which not, and ends it once every kind is known."""

    def __init__(self) -> None:
        self.refused: dict[Kind, str] = {}
        self._known: set[Kind] = set()

    def confirmed(self, kind: Kind) -> None:
        self._know(kind)

    def without(self, kind: Kind, why: str) -> None:
        self.refused[kind] = why
        self._know(kind)

    def drop(self, event: ViewerEvent, reason: Reason) -> None: ...
    def stopped(self, event: object, by: object) -> None: ...
    def malformed(self, kind: str) -> None: ...
    def follow(self, take: object) -> Disposable:  # noqa: ARG002
        return Disposable()

    def _know(self, kind: Kind) -> None:
        self._known.add(kind)
        if self._known.issuperset(KINDS):
            raise _Complete


async def _rights(account: Account, probe: Probe) -> Finding:
    """Check whether chat, donations and subscriptions may be read."""
    await probe.worker.thread(import_module, "aiohttp")
    told = _Told()
    rights = phrase("CHZZK scopes (chat, donations, subscriptions)")
    try:
        async with websockets() as connect:
            session = Session(account, connect, probe.clock, told, told)
            async with aclosing(session.events()) as events:
                async for _ in events:
                    pass
    except _Complete:
        pass
    except Forbidden as error:
        return Finding(False, rights, said_by(error))
    except ChzzkError as error:
        return Finding(False, phrase("CHZZK session"), said_by(error))
    except Lost as error:
        remedy = phrase(
            "Check the internet connection and the firewall, and try again in a while. If three or more programs of "
            "this account are running, close some."
        )
        return Finding(False, phrase("CHZZK session: {why}", why=said_by(error)), remedy)
    if not told.refused:
        return Finding(True, rights)
    without = phrase("{what}: without {names}", what=rights, names=", ".join(map(named, told.refused)))
    return Finding(False, without, "\n".join(told.refused.values()))


@exam("chat.chzzk_anon")
async def chzzk_anon(config: ChzzkAnon, probe: Probe) -> Sequence[Finding]:  # noqa: ARG001
    """Check whether CHZZK reports on the channel without a login."""
    what = phrase("CHZZK channel without a login")
    api = AnonApi(config.api_url, config.game_url)
    try:
        live = await api.live(config.channel_id)
    except ChzzkError as error:
        return [Finding(False, what, said_by(error))]
    finally:
        await api.close()
    if live.state in ("unknown", "adult", "restricted"):
        return [Finding(False, what, closed(live.state))]
    return [Finding(True, what)]
