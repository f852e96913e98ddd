"""The CHZZK session: subscribing on a connection, and keeping one open.

Source of the SYSTEM messages: the page Session of CHZZK's API documents.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from math import inf
from random import Random
from typing import Any, Literal, Protocol, cast

from nodes.chat._chzzk.account import Busy, ChzzkError, Forbidden, LoginNeeded, NotApproved
from nodes.chat._chzzk.backoff import Backoff
from nodes.chat._chzzk.engineio import Ended, EngineIo, Told, Unread
from nodes.chat._chzzk.socket import Connect, opened, received
from nodes.phrases import Phrase, described, noted, phrase, said_by
from nodes.services import Clock, Jobs, Log, Verdicts
from nodes.websocket import Link, Lost
from schemas.chat import RawPayload

Kind = Literal["chat", "donation", "subscription"]
KINDS: tuple[Kind, ...] = ("chat", "donation", "subscription")

STEP_S = 10.0
"""The longest time for each step of connecting: the WebSocket, SYSTEM connected, a confirmation."""
LOGIN_RETRY_S = 300.0
LOGIN_LOOK_S = 1.0
"""How often to check whether a person has logged in."""
AGAIN_S = 60.0
"""How long to wait before requesting a failed donation or subscription feed again."""

_KINDS: dict[str, Kind] = {"CHAT": "chat", "DONATION": "donation", "SUBSCRIPTION": "subscription"}
_NAMES: dict[Kind, str] = {
    "chat": noted("chat"),
    "donation": noted("donations"),
    "subscription": noted("subscriptions"),
}


def named(kind: Kind) -> Phrase:
    """Name a kind of events."""
    return described(_NAMES[kind])


class Account(Protocol):
    """The part of a CHZZK account that a session needs; its calls raise only ``ChzzkError``."""

    async def session_url(self) -> str: ...
    async def subscribe(self, event: Kind, session_key: str) -> None: ...
    async def login_is_new(self) -> bool: ...


class Tell(Protocol):
    """Is notified of the kinds of events that a session receives and of those it does not."""

    def confirmed(self, kind: Kind) -> None: ...
    def without(self, kind: Kind, why: str) -> None: ...


class Session:
    """One connection, from its session URL to its end."""

    def __init__(self, account: Account, connect: Connect, clock: Clock, verdicts: Verdicts, tell: Tell) -> None:
        self._account = account
        self._connect = connect
        self._clock = clock
        self._verdicts = verdicts
        self._tell = tell
        self._key = ""
        self._key_by = 0.0
        self._confirm_by: dict[Kind, float] = {}
        self._again_at: dict[Kind, float] = {}
        self._renewed: set[Kind] = set()
        """Kinds that were requested again because CHZZK had revoked them."""

    async def events(self) -> AsyncGenerator[RawPayload]:
        """Yield everything received except SYSTEM messages; ends only with an error.

        Raises:
            Lost: the connection ended or is not working properly.
            ChzzkError: as the account raises it; also ``LoginNeeded`` when CHZZK revokes the chat for good.
        """
        url = await self._account.session_url()
        link = await opened(self._connect, url, STEP_S)
        try:
            now = self._clock.now()
            wire = EngineIo(now)
            self._key_by = now + STEP_S
            while True:
                frame = await self._frame(link, wire.wake_at)
                now = self._clock.now()
                told = None if frame is None else wire.receive(frame, now)
                due = wire.due(now)
                for ended in (told, due):
                    if isinstance(ended, Ended):
                        raise Lost(ended.reason)
                if isinstance(due, str):
                    await link.send(due)
                if isinstance(told, Unread):
                    self._verdicts.malformed("frame")
                elif isinstance(told, Told):
                    if told.event == "SYSTEM":
                        await self._system(told.payload)
                    else:
                        yield RawPayload(event=told.event, payload=told.payload)
                await self._overdue(now)
        finally:
            await link.close()

    async def _frame(self, link: Link, wake_at: float) -> str | None:
        """Return the next frame; None when something is due before it arrives."""
        steps = [*self._confirm_by.values(), *self._again_at.values()] if self._key else [self._key_by]
        at = min([wake_at, *steps])
        return await received(link, at - self._clock.now())

    async def _system(self, payload: object) -> None:
        if isinstance(payload, str):
            try:
                payload = json.loads(payload)
            except (ValueError, RecursionError):
                payload = None
        if not isinstance(payload, dict):
            self._verdicts.malformed("json")
            return
        fields = cast(dict[str, Any], payload)
        data: Any = fields.get("data")
        kind = _KINDS.get(_field(data, "eventType").upper())
        if fields.get("type") == "connected":
            self._key = _field(data, "sessionKey")
            if not self._key:
                raise Lost(phrase("SYSTEM connected without a session key"))
            for each in KINDS:
                await self._subscribe(each)
        elif kind is not None and fields.get("type") == "subscribed":
            self._confirm_by.pop(kind, None)
            self._again_at.pop(kind, None)
            self._tell.confirmed(kind)
        elif kind is not None and fields.get("type") in ("revoked", "unsubscribed"):
            await self._taken_away(kind)

    async def _subscribe(self, kind: Kind) -> None:
        self._again_at.pop(kind, None)
        try:
            await self._account.subscribe(kind, self._key)
        except LoginNeeded:
            raise
        except ChzzkError as error:
            if kind == "chat":
                raise
            self._tell.without(kind, said_by(error))
            if not isinstance(error, Forbidden):
                wait = error.retry_after_s if isinstance(error, Busy) else 0.0
                self._again_at[kind] = self._clock.now() + max(AGAIN_S, wait)
        else:
            self._confirm_by[kind] = self._clock.now() + STEP_S

    async def _taken_away(self, kind: Kind) -> None:
        self._confirm_by.pop(kind, None)
        if kind not in self._renewed:
            self._renewed.add(kind)
            self._tell.without(kind, phrase("CHZZK took the permission away; it is asked for once more."))
            await self._subscribe(kind)
        elif kind == "chat":
            raise _revoked()
        else:
            self._tell.without(kind, phrase("CHZZK took the permission away again. Log in again."))

    async def _overdue(self, now: float) -> None:
        if not self._key and now >= self._key_by:
            raise Lost(phrase("no SYSTEM connected in {seconds} s", seconds=f"{STEP_S:g}"))
        for kind in KINDS:
            if now >= self._confirm_by.get(kind, inf):
                del self._confirm_by[kind]
                if kind == "chat":
                    none = phrase("no chat subscription in {seconds} s", seconds=f"{STEP_S:g}")
                    raise _revoked() if kind in self._renewed else Lost(none)
                self._tell.without(kind, phrase("CHZZK does not confirm it."))
                self._again_at[kind] = now + AGAIN_S
            if now >= self._again_at.get(kind, inf):
                await self._subscribe(kind)


class Reception:
    """Keeps one session open for as long as the show runs, and reports each change of its state once.

    After a loss it waits as ``Backoff`` says, which is reset when the chat is confirmed.
    If a person has to log in, it continues within ``LOGIN_LOOK_S`` of the login and retries every ``LOGIN_RETRY_S`` in
    any case: permissions may also be restored at CHZZK. Meanwhile the show runs without chat.
    """

    def __init__(
        self,
        account: Account,
        connect: Connect,
        *,
        jobs: Jobs,
        clock: Clock,
        verdicts: Verdicts,
        log: Log,
        chance: Random,
    ) -> None:
        self._account = account
        self._connect = connect
        self._jobs = jobs
        self._clock = clock
        self._verdicts = verdicts
        self._log = log
        self._backoff = Backoff(chance)
        self._state = ""
        self._lost_at: float | None = None

    async def events(self) -> AsyncGenerator[RawPayload]:
        while True:
            delay = 0.0
            session = Session(self._account, self._connect, self._clock, self._verdicts, self)
            try:
                async with aclosing(session.events()) as events:
                    async for event in events:
                        yield event
            except (Lost, ChzzkError) as error:
                if self._lost_at is None:
                    self._lost_at = self._clock.now()
                delay = self._after(error)
                if isinstance(error, LoginNeeded | Forbidden):
                    await self._login(delay)
                    continue
            await self._jobs.sleep(delay)

    async def _login(self, longest_s: float) -> None:
        """Wait for a login for at most this many seconds."""
        until = self._clock.now() + longest_s
        while (left := until - self._clock.now()) > 0 and not await self._account.login_is_new():
            await self._jobs.sleep(min(LOGIN_LOOK_S, left))

    def confirmed(self, kind: Kind) -> None:
        again = kind != "chat" or self._state == "receiving"
        self._log.well(kind, phrase("CHZZK {kind}: received again.", kind=named(kind)) if again else "")
        if not again:
            self._state = "receiving"
            if self._lost_at is None:
                self._log.info(phrase("CHZZK chat is received."), alarm="chat")
            else:
                gone_s = round(self._clock.now() - self._lost_at, 1)
                self._log.info(
                    phrase("CHZZK chat is received again, after {seconds} s.", seconds=f"{gone_s:g}"),
                    alarm="chat",
                    gone_s=gone_s,
                    attempts=self._backoff.failures,
                )
            self._backoff.reset()
            self._lost_at = None

    def without(self, kind: Kind, why: str) -> None:
        self._log.trouble(kind, phrase("CHZZK {kind}: not received now. {why}", kind=named(kind), why=why))

    def _after(self, error: Lost | ChzzkError) -> float:
        """Report what happened and return the seconds until the next attempt."""
        delay = self._backoff.wait()
        if isinstance(error, LoginNeeded | Forbidden):
            self._say("login", phrase("The show goes on without CHZZK chat. {why}", why=said_by(error)))
            return LOGIN_RETRY_S
        text = phrase("Connecting to CHZZK chat again: {why}", why=said_by(error))
        if isinstance(error, Busy):
            self._say("busy", text)
            return max(delay, min(error.retry_after_s, LOGIN_RETRY_S))
        self._say("approval" if isinstance(error, NotApproved) else "lost", text)
        return delay

    def _say(self, state: str, text: str) -> None:
        if state != self._state:
            self._state = state
            self._log.trouble("chat", text, alarm="chat")


def _field(data: Any, name: str) -> str:
    value = cast(dict[str, Any], data).get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _revoked() -> LoginNeeded:
    return LoginNeeded(
        phrase("This program's permission to read chat was revoked at CHZZK. Log in again: python aischoco.py login")
    )
