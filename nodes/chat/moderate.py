"""``chat.moderate``: lets the person at the dock keep order in the chat of CHZZK."""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from math import ceil, inf
from pathlib import Path
from typing import Annotated, Any

import reactivex
from pydantic import Field
from reactivex import Observable, Subject
from reactivex import operators as ops
from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

from nodes import node
from nodes.chat._chzzk.account import Busy, ChzzkError, Forbidden, LoginNeeded
from nodes.chat._chzzk.credentials import Credentials
from nodes.chat._chzzk.orders import Order, read, shown
from nodes.chat._chzzk.rest import BadRequest, NotFound
from nodes.chat._chzzk.shield import Shield
from nodes.chat._chzzk.writes import FollowerMinutes, SlowMode, blind, notice, restrict
from nodes.phrases import phrase, said_by
from nodes.services import Clock, Jobs, Json, Kept, Log, Web
from nodes.streams import silent, together
from schemas.chat import NO_CHANNEL, ChatMessage, ViewerEvent, Withdrawn
from schemas.settings import Live

PATH = "/api/moderate"
REMEMBERED = 200
"""How many lines can be hidden."""
MOST_ORDERS = 20
TRIES = 5
"""An order is given to a busy service at most this often."""
ANSWER_S = 6.0
"""A page is answered after this long, although it may not be done: it waits for 8 s."""
AGAIN_S, REFUSED_S = 30.0, 600.0
"""How long until the former settings are put back again: after a failure, and after one that a person has to mend."""


class Moderate(Credentials):
    """Settings of ``chat.moderate``."""

    slow_s: Annotated[SlowMode, Live()] = Field(
        default=30,
        title="Slow mode of the shield",
        description="Seconds between two messages of a viewer while the shield is up.",
    )
    follower_minutes: Annotated[FollowerMinutes | None, Live()] = Field(
        default=None,
        title="Shield for followers only",
        description="Only who has followed for this many minutes may write while the shield is up; null: everybody.",
    )
    saved: Path = Field(
        default=Path("history/shield.json"),
        title="File of the settings before the shield",
        description="File of the chat settings from before the shield, so that they come back after a crash too.",
    )


@node("chat.moderate", exclusive=True, once=True)
def moderate(
    config: Moderate, line: Observable[ViewerEvent], *, jobs: Jobs, clock: Clock, kept: Kept, web: Web, log: Log
) -> Observable[Withdrawn]:
    """Pin a notice, slow the chat down, hide a line or let its author pause, each only when a person presses for it.

    The buttons are in the dock, at the lines of ``line``; they need a login, and each its scope, which is told when it
    is missing. The shield makes the chat slow (``slow_s``) until it is lowered or the show ends; then the settings are
    as before, also after a crash, at the next start. A line that is hidden comes out as withdrawn at once, so that
    neither the overlay nor the character has it any more; a viewer may not write for a minute, and all lines of theirs
    are hidden. ``GET /api/moderate`` returns the newest lines and the shield, ``POST`` takes ``{"order": "notice",
    "text"}``, ``{"order": "shield", "to": bool}``, ``{"order": "hide", "id"}`` or ``{"order": "rest", "id"}``.
    """

    def show(_: object) -> Observable[Withdrawn]:
        desk = _Desk(config, jobs, clock, kept.keep("known", Known), log)
        opened = desk.open(web)
        seen = silent(line.pipe(ops.do_action(desk.saw, on_completed=desk.end)))
        run = jobs.beside(desk.run, to_the_end=True)
        return together(desk.withdrawn, run, seen).pipe(ops.finally_action(opened.dispose))

    return reactivex.defer(show)


@dataclass(slots=True)
class Known:
    """What outlives a replaced node."""

    lines: deque[ChatMessage] = field(default_factory=lambda: deque[ChatMessage](maxlen=REMEMBERED))
    up: bool = False
    """Whether the shield is to be up."""


class _Desk:
    """Takes orders and carries them out one after the other."""

    def __init__(self, config: Moderate, jobs: Jobs, clock: Clock, known: Known, log: Log) -> None:
        self.withdrawn: Subject[Withdrawn] = Subject()
        self._config = config
        self._jobs = jobs
        self._clock = clock
        self._known = known
        self._log = log
        self._account = config.account(log)
        self._shield = Shield(self._account, config.saved, jobs)
        self._orders: deque[Order] = deque()
        self._stirred = asyncio.Event()
        self._ended = asyncio.Event()
        self._settle_at = clock.now()
        """When the shield has to be brought to where it should be; infinity if it is there."""

    def open(self, web: Web) -> DisposableBase:
        """Register the addresses.

        Raises:
            ValueError: another node already has one of them.
        """
        with ExitStack() as opened:
            opened.callback(web.get(PATH, self._shown).dispose)
            opened.callback(web.post(PATH, self._take).dispose)
            return Disposable(opened.pop_all().close)

    def saw(self, event: ViewerEvent) -> None:
        typed = event.channel_id == NO_CHANNEL  # it is in no chat of CHZZK
        if isinstance(event, ChatMessage) and event.chat_channel_id and event.role != "streamer" and not typed:
            self._known.lines.append(event)

    def end(self) -> None:
        """Take no more orders."""
        self._ended.set()
        self._stirred.set()

    async def run(self) -> None:
        """Carry out orders until the end, then put back what the shield changed."""
        try:
            while not self._ended.is_set():
                await self._wait(self._stirred, self._settle_at - self._clock.now())
                self._stirred.clear()
                while self._orders and not self._ended.is_set():
                    await self._carry_out(self._orders[0])
                    self._orders.popleft()
                if self._clock.now() >= self._settle_at and not self._ended.is_set():
                    await self._settle()
        finally:
            self._ended.set()
            for order in self._orders:
                order.tell(done=False, note=phrase("The node chat.moderate has ended."))
            await self._lower()
            await self._account.close()
            self.withdrawn.on_completed()

    async def _carry_out(self, order: Order) -> None:
        """Do what was ordered; a busy service is waited for, which the page is told."""
        for _ in range(TRIES):
            try:
                await self._do(order)
            except Busy as busy:
                told = phrase("CHZZK asks for a break; it is done in {seconds} s.", seconds=ceil(busy.retry_after_s))
                order.tell(done=True, note=told)
                await self._wait(self._ended, busy.retry_after_s)
                if self._ended.is_set():
                    return
            except (ChzzkError, OSError, ValueError) as error:
                why = self._failed(order, error)
                order.tell(done=False, note=why)
                self._log.trouble(order.name, why)
                return
            else:
                self._log.well(order.name)
                order.tell(done=True)
                return
        self._log.trouble(order.name, phrase("CHZZK stayed too busy for an order of the dock; it is not done."))

    async def _do(self, order: Order) -> None:
        match order.name, order.line:
            case "notice", _:
                await notice(self._account, order.text)
            case "hide", ChatMessage() as line:
                await blind(self._account, line)
                self._forget(self._hidden(line))
            case "rest", ChatMessage() as line:
                await restrict(self._account, line)
                for each in [each for each in self._known.lines if each.author_id == line.author_id]:
                    self._forget(hidden := self._hidden(each))  # each line: what the viewer paid for stays
                    self.withdrawn.on_next(hidden)
            case _:
                await self._move_shield(order.to)

    async def _move_shield(self, up: bool) -> None:
        try:
            if up:
                await self._shield.raise_(self._config.slow_s, self._config.follower_minutes)
            else:
                self._known.up = False
                await self._shield.lower()
        except (ChzzkError, OSError, ValueError) as error:
            self._settle_at = self._clock.now() + _again_s(error)  # nobody may know what was changed
            raise
        self._known.up, self._settle_at = up, inf

    async def _settle(self) -> None:
        """Bring the shield to where it should be: up after a reload, else down, also if an earlier run left it up."""
        if self._known.up:
            try:
                await self._move_shield(True)
            except (ChzzkError, OSError, ValueError) as error:
                self._log.trouble("shield", phrase("The shield is not up: {why}", why=said_by(error)))
        else:
            await self._lower()

    async def _lower(self) -> None:
        try:
            if await self._shield.lower():
                self._log.info(phrase("The chat settings are as they were before the shield."))
            self._settle_at = inf
            self._log.well("shield")
        except (ChzzkError, OSError, ValueError) as error:
            self._settle_at = self._clock.now() + _again_s(error)
            told = phrase("The chat settings are not yet as before the shield: {why}", why=_why(error))
            self._log.trouble("shield", told)

    def _failed(self, order: Order, error: Exception) -> str:
        """Say what is as before although something else was ordered."""
        if order.name == "hide":
            if isinstance(error, NotFound) and order.line is not None:
                self._forget(self._hidden(order.line))
                return phrase("CHZZK does not have this line any more. Here it is hidden.")
            return phrase("Hidden here, but still in the chat of CHZZK: {why}", why=said_by(error))
        if order.name == "rest" and isinstance(error, BadRequest):
            return phrase("CHZZK does not let this viewer pause: managers cannot, nor who is pausing already.")
        return _why(error)

    def _hidden(self, line: ChatMessage) -> Withdrawn:
        return Withdrawn(author_id=line.author_id, sent_at=line.sent_at, received_at=self._clock.now())

    def _forget(self, hidden: Withdrawn) -> None:
        lines = [line for line in self._known.lines if not hidden.covers(line)]
        self._known.lines.clear()
        self._known.lines.extend(lines)

    async def _wait(self, happens: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(None if seconds == inf else max(0.0, seconds)):
                await happens.wait()

    def _shown(self, _: Mapping[str, Any]) -> Json:
        back = not self._known.up and self._settle_at != inf
        shield = {"up": self._known.up, "back": back, "slow_s": self._config.slow_s}
        return {"lines": shown(self._known.lines), "shield": shield, "waiting": len(self._orders)}

    async def _take(self, said: Mapping[str, Any]) -> Json:
        order = read(said, self._known.lines)
        if self._ended.is_set() or len(self._orders) >= MOST_ORDERS:
            raise ValueError(phrase("Too many orders wait; try again in a moment."))
        self._orders.append(order)
        self._stirred.set()
        if order.name == "hide" and order.line is not None:
            self.withdrawn.on_next(self._hidden(order.line))
        try:
            async with asyncio.timeout(ANSWER_S):
                return await order.answer
        except TimeoutError:
            return {"done": True, "note": phrase("CHZZK has not answered yet; it is done as soon as possible.")}


def _why(error: Exception) -> str:
    """Say what went wrong with the service or with the file of the shield."""
    if isinstance(error, OSError):
        return phrase("the file of the shield cannot be used ({why})", why=error)
    if isinstance(error, ValueError):
        return phrase(
            "the file of the shield is damaged and was set aside as {file}; check the chat settings", file=error
        )
    return said_by(error)


def _again_s(error: Exception) -> float:
    if isinstance(error, Busy):
        return error.retry_after_s
    return REFUSED_S if isinstance(error, Forbidden | LoginNeeded) else AGAIN_S
