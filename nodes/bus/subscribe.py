"""``bus.subscribe``: receives what a node at another place emits."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from functools import partial
from typing import NamedTuple

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import node
from nodes.bus import _line
from nodes.bus._errors import Away, Full
from nodes.bus._settings import Bus, Kind, subject, token
from nodes.bus._wire import VERSION, Unreadable, decode
from nodes.phrases import phrase
from nodes.services import Clock, Jobs, Log
from nodes.streams import only, together
from schemas.bus import Gap, Judged
from schemas.event import Event

AGAIN_S = 0.1
REMEMBERED = 20_000
"""Remember at most this many ids: of donations whose verdict is known, and of those that came."""


class Subscribe(Bus):
    """Settings of ``bus.subscribe``."""

    source: str = Field(
        title="Place it comes from", description="The place that the events come from.", examples=["gpu"]
    )
    node: str = Field(
        title="Node it comes from", description="The node there whose events are taken.", examples=["speech"]
    )
    port: str = Field(title="Output of the node", description="The output port of that node.", examples=["out"])
    kinds: tuple[Kind, ...] = Field(
        ("block",), title="Kinds of events", description="The classes of event that come from this port."
    )
    judged: tuple[str, ...] = Field(
        (), title="Places that report donations", description="Places that report the verdicts on donations."
    )


class Received(NamedTuple):
    """What arrived, and what is missing."""

    event: Observable[Event]
    gap: Observable[Gap]


@node("bus.subscribe")
def subscribe(config: Subscribe, *, jobs: Jobs, clock: Clock, log: Log) -> Received:
    """Take the events of an output port of another place, in order and each once.

    What is ``sure`` stays on the bus until it has a verdict: a place that was killed gets it again. What cannot be
    read, for example from another version of the program, is set aside on the bus as a dead letter. A gap reports what
    is missing.
    """

    def receiving(_: object) -> Observable[Event]:
        reader = _Reader(config, jobs, clock, log)
        sources: list[Observable[Event]] = [
            jobs.source(partial(reader.stored, kind)) for kind in config.kinds if kind != "latest"
        ]
        if "latest" in config.kinds:
            sources.append(jobs.source(reader.heard))
        sources += [jobs.beside(partial(reader.verdicts, home)) for home in config.judged]
        return together(*sources)

    events = reactivex.defer(receiving).pipe(ops.share())
    return Received(events.pipe(ops.filter(lambda event: not isinstance(event, Gap))), only(Gap, events))


class _Reader:
    def __init__(self, config: Subscribe, jobs: Jobs, clock: Clock, log: Log) -> None:
        self._config = config
        self._jobs = jobs
        self._clock = clock
        self._log = log
        self._name = token(f"{token(config.place)}_{token(config.node)}_{token(config.port)}")
        self._since: dict[str, int] = {}
        self._last: dict[str, tuple[str, int]] = {}
        """Class -> the sender's run, and its last number."""
        self._waiting: dict[str, _line.Letter] = {}
        """Donations in progress in this place."""
        self._done: OrderedDict[str, None] = OrderedDict()
        self._missing_verdicts = set(config.judged)
        self._told = asyncio.Event()
        """Set once the earlier verdicts are known."""
        if not config.judged:
            self._told.set()

    async def stored(self, kind: Kind) -> AsyncIterator[Event]:
        where = subject(self._config.graph, self._config.source, self._config.node, self._config.port, kind)
        async with _line.lend(self._config, self._jobs) as line:
            while True:
                if kind == "sure":
                    await self._told.wait()
                try:
                    async for letter in line.read(where, kind, self._name, self._since.get(kind)):
                        if letter is not None:
                            async for event in self._taken(line, letter, kind):
                                yield event
                            self._since[kind] = letter.sequence
                except Away:
                    await self._jobs.sleep(AGAIN_S)

    async def heard(self) -> AsyncIterator[Event]:
        where = subject(self._config.graph, self._config.source, self._config.node, self._config.port, "latest")
        async with _line.lend(self._config, self._jobs) as line:
            while True:
                try:
                    async for letter in line.hear(where):
                        event = await self._event(line, letter)
                        if event is not None:
                            yield event
                except Away:
                    await self._jobs.sleep(AGAIN_S)

    async def verdicts(self, home: str) -> None:
        """Follow what becomes of donations, from the first verdict that the bus still has."""
        where = subject(self._config.graph, home, "_place", "judged", "sure")
        async with _line.lend(self._config, self._jobs) as line:
            since: int | None = None
            while True:
                try:
                    async for letter in line.read(where, "sure", "", since):
                        if letter is None:
                            self._missing_verdicts.discard(home)
                            if not self._missing_verdicts:
                                self._told.set()
                            continue
                        since = letter.sequence
                        judged = await self._event(line, letter)
                        if isinstance(judged, Judged):
                            await self._settle(judged.id)
                except Away:
                    await self._jobs.sleep(AGAIN_S)

    async def _settle(self, id_: str) -> None:
        self._remember(id_)
        letter = self._waiting.pop(id_, None)
        if letter is not None:
            await letter.ack()

    def _remember(self, id_: str) -> None:
        self._done[id_] = None
        self._done.move_to_end(id_)
        if len(self._done) > REMEMBERED:
            self._done.popitem(last=False)

    async def _taken(self, line: _line.Line, letter: _line.Letter, kind: Kind) -> AsyncIterator[Event]:
        """Yield the event of a letter, after a gap if there is one; nothing if it came before."""
        event = await self._event(line, letter)  # if the line breaks here, it comes again and is still new
        missing = self._number(letter, kind)
        if missing < 0:
            await letter.ack()
            return
        if missing:
            config = self._config
            name = f"{config.node}.{config.port}"
            self._log.warning(
                phrase("{name} of {place}: {count} did not come", name=name, place=config.source, count=missing)
            )
            yield Gap(node=config.node, port=config.port, missing=missing)
        id_ = str(getattr(event, "id", "")) if kind == "sure" else ""
        if event is None or (id_ and id_ in self._done):
            await letter.ack()
            return
        if not id_:
            yield event
            await letter.ack()
            return
        again = id_ in self._waiting
        held = bool(self._config.judged)
        if held:
            self._waiting[id_] = letter
        if not again:
            yield event
        if not held:
            self._remember(id_)
            await letter.ack()

    def _number(self, letter: _line.Letter, kind: Kind) -> int:
        """Return how many are missing before this letter; below 0 if it came before."""
        run, number = letter.headers.get("Aischoco-Run", ""), letter.headers.get("Aischoco-Number", "")
        if kind == "sure" or not number.isdecimal():
            return 0
        known, last = self._last.get(kind, ("", 0))
        if known == run and int(number) <= last:
            return -1
        self._last[kind] = (run, int(number))
        return int(number) - last - 1 if known == run else 0

    async def _event(self, line: _line.Line, letter: _line.Letter) -> Event | None:
        headers = letter.headers
        try:
            if headers.get("Aischoco-Schema") != VERSION:
                raise Unreadable(f"version {headers.get('Aischoco-Schema')!r}")
            start = float(headers.get("Aischoco-Start", "nan"))
            shift = start - (await line.now() - self._clock.now())
            return decode(headers.get("Aischoco-Type", ""), letter.body, shift)
        except Unreadable as error:
            await self._set_aside(line, letter, error)
            return None

    async def _set_aside(self, line: _line.Line, letter: _line.Letter, error: Exception) -> None:
        config = self._config
        text = phrase(
            "{name} of {place}: what came cannot be read. Have the same version at both places.",
            name=f"{config.node}.{config.port}",
            place=config.source,
        )
        self._log.trouble("unreadable", text, why=str(error))
        where = subject(config.graph, config.place, config.node, config.port, "dead")
        id_ = f"dead {letter.headers.get('Nats-Msg-Id', '')}"
        headers = {
            **letter.headers,
            "Nats-Msg-Id": id_,
            "Aischoco-Error": str(error).encode("ascii", "replace").decode(),
        }
        with contextlib.suppress(Full):
            await line.keep(where, "dead", letter.body, headers)
