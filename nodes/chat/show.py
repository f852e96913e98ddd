"""``chat.show``: lets the character know the time, and what show it is in."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import UNWIRED, node
from nodes.chat._chzzk.account import Account, Busy, ChzzkError, Forbidden, LoginNeeded
from nodes.chat._chzzk.channel import PAGE, followers, setting
from nodes.chat._chzzk.credentials import Credentials
from nodes.chat._chzzk.rest import secure_url
from nodes.chat._chzzk_anon.api import API_URL, GAME_URL, AnonApi
from nodes.chat._show_facts import Show as Known
from nodes.phrases import phrase
from nodes.services import Clock, Jobs, Kept, Log
from nodes.streams import only, together
from schemas.chat import ChatBatch
from schemas.event import Event
from schemas.settings import Live
from schemas.show import ShowEvent, ShowState

PAGES = 3
"""Read at most this many pages of followers at once."""
REFUSED_S = 600.0
"""How long a call that lacks a scope or a login is left alone: only a person can change that."""


class Show(Credentials):
    """Settings of ``chat.show``."""

    every_s: Annotated[float, Live()] = Field(
        default=60.0,
        ge=20,
        title="Ask about the show every",
        description="Seconds between two looks at title, category and followers; only with a login.",
    )
    goal: Annotated[int, Live()] = Field(
        default=0, ge=0, title="Follower goal", description="The goal of followers; 0 for none."
    )
    channel: str = Field(
        default="",
        pattern="^([0-9a-f]{32})?$",
        title="Channel ID",
        description="The ID of the channel that is looked at, without login, at an unofficial address; or empty.",
    )
    public_url: Annotated[str, AfterValidator(secure_url)] = Field(
        default=API_URL,
        title="Address of the public API",
        description="The address that is asked whether the broadcast is on; changed only for tests.",
    )
    utc_offset_h: float = Field(
        default=9.0,
        ge=-12,
        le=14,
        title="Time zone",
        description="Hours by which the clock is ahead of UTC; 9 in Korea.",
    )


class ShowOut(NamedTuple):
    """The batches with their note, what happens to the show, and what is known of it for the dock."""

    batch: Observable[ChatBatch]
    event: Observable[ShowEvent]
    state: Observable[ShowState]


def wall() -> datetime:
    """Return the time of day: what the character says about it has to agree with the viewers' clocks."""
    return datetime.now(UTC)


@node("chat.show")
def show(
    config: Show, batch: Observable[ChatBatch] = UNWIRED, *, jobs: Jobs, clock: Clock, kept: Kept, log: Log
) -> ShowOut:
    """Tell the model the date and time and what is known of the show, and report what happens to it.

    ``batch`` passes at once, with one note more: the time without any login; with one the title, the category and the
    followers, each if the application has its scope (a missing one is told once); with ``channel`` how long the
    broadcast has been on. The note is the last line of a request, so that the server's prompt cache is kept.

    ``event`` is a full hour, a broadcast that began or ended, a changed title or category, and each new follower, who
    is found by asking for the newest ones every ``every_s``: CHZZK reports none. Those from before are not new.

    ``state`` is for the dock, which shows it as a line.
    """
    known = kept.keep("show", Known)
    zone = timezone(timedelta(hours=config.utc_offset_h))

    def local() -> datetime:
        return wall().astimezone(zone)

    def noted(event: ChatBatch) -> ChatBatch:
        return replace(event, notes=(known.note(local(), clock.now(), config.goal), *event.notes))

    async def produce() -> AsyncGenerator[Event]:
        watch = _Watch(config, known, clock, log)
        shown = ShowState()
        try:
            while True:
                for event in known.clock(local(), clock.now()):
                    yield event
                async for event in watch.round():
                    yield event
                if (state := known.state(config.goal)) != shown:
                    shown = state
                    yield state
                moment = local()
                await jobs.sleep(min(watch.left(), 3600.0 - moment.minute * 60 - moment.second + 0.5))
        finally:
            await watch.close()

    events = together(batch.pipe(ops.map(noted)), jobs.source(produce)).pipe(ops.share())
    return ShowOut(only(ChatBatch, events), only(ShowEvent, events), only(ShowState, events))


class _Watch:
    """Asks what has to be asked, each call on its own: one that is refused does not stop the others."""

    def __init__(self, config: Show, known: Known, clock: Clock, log: Log) -> None:
        self._config = config
        self._known = known
        self._clock = clock
        self._log = log
        self._account = config.account(log) if config.logged_in else None
        self._public = AnonApi(config.public_url, GAME_URL) if config.channel else None
        self._calls: dict[str, Callable[[], Awaitable[list[ShowEvent]]]] = {}
        if self._account is not None:
            self._calls["setting"] = partial(self._setting, self._account)
            self._calls["followers"] = partial(self._followers, self._account)
        if self._public is not None:
            self._calls["live"] = partial(self._live, self._public)
        self._due = dict.fromkeys(self._calls, clock.now())

    def left(self) -> float:
        """Return the seconds until something has to be asked; no less than one."""
        return max(1.0, min(self._due.values(), default=float("inf")) - self._clock.now())

    async def round(self) -> AsyncGenerator[ShowEvent]:
        """Ask everything that is due."""
        for name, ask in self._calls.items():
            if self._due[name] > self._clock.now():
                continue
            wait = self._config.every_s
            events: list[ShowEvent] = []
            try:
                events = await ask()
                self._log.well(name)
            except ChzzkError as error:
                if isinstance(error, Busy):
                    wait = max(wait, error.retry_after_s)
                elif isinstance(error, Forbidden | LoginNeeded):
                    wait = max(wait, REFUSED_S)
                what = "login" if isinstance(error, LoginNeeded) else name
                self._log.trouble(what, phrase("not everything is known of the show: {why}", why=error))
            self._due[name] = self._clock.now() + wait
            for event in events:
                yield event

    async def close(self) -> None:
        if self._account is not None:
            await self._account.close()
        if self._public is not None:
            await self._public.close()

    async def _setting(self, account: Account) -> list[ShowEvent]:
        return self._known.announced(await setting(account), self._clock.now())

    async def _followers(self, account: Account) -> list[ShowEvent]:
        found: list[ShowEvent] = []
        for page in range(PAGES):
            told = await followers(account, page)
            events, more = self._known.followed(told, self._clock.now())
            found = events + found
            if not more or len(told.page) < PAGE:
                break
        return found

    async def _live(self, public: AnonApi) -> list[ShowEvent]:
        state = (await public.live(self._config.channel)).state
        return self._known.live(state not in ("offline", "unknown"), self._clock.now())
