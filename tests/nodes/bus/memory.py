"""A bus inside of a process, in virtual time: what tests of places have in the place of a NATS server."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nodes.bus._errors import Away, Full
from nodes.bus._settings import Bus
from nodes.services import Jobs

ROOM = 256


@dataclass
class MemoryBus:
    """The server. ``down`` cuts everybody off; ``open_line`` goes in the place of ``nodes.bus._line.open_line``."""

    down: bool = False
    stored: dict[str, list["Stored"]] = field(default_factory=dict)
    said: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)
    floors: dict[tuple[str, str, str], set[int]] = field(default_factory=dict)
    """(class, subject, reader) -> numbers that were acknowledged."""
    ids: set[str] = field(default_factory=set)
    lines: list["MemoryLine"] = field(default_factory=list)
    ears: list[tuple[str, asyncio.Queue[Any]]] = field(default_factory=list)
    news: asyncio.Event | None = None
    epoch: float = 1e9

    def open_line(self, config: Bus, jobs: Jobs) -> "MemoryLine":
        line = MemoryLine(self, config)
        self.lines.append(line)
        return line

    def tell(self) -> None:
        if self.news is not None:
            self.news.set()
            self.news = None

    async def changed(self) -> None:
        if self.news is None:
            self.news = asyncio.Event()
        await self.news.wait()

    def cut(self, down: bool) -> None:
        self.down = down
        self.tell()


@dataclass
class Stored:
    bus: MemoryBus
    kind: str
    subject: str
    body: bytes
    headers: Mapping[str, str]
    sequence: int = 0
    reader: str = ""

    async def ack(self) -> None:
        if not self.bus.down:
            self.bus.floors.setdefault((self.kind, self.subject, self.reader), set()).add(self.sequence)
            self.bus.tell()


class MemoryLine:
    def __init__(self, bus: MemoryBus, config: Bus) -> None:
        self.bus = bus
        self.config = config
        self.closed = False
        self.lives = 0

    def _up(self) -> None:
        if self.bus.down:
            raise Away("down")

    async def keep(self, subject: str, kind: str, body: bytes, headers: Mapping[str, str]) -> None:
        self._up()
        bus = self.bus
        stream = bus.stored.setdefault(kind, [])
        readers = {reader for k, s, reader in bus.floors if k == "block" and s == subject}
        if kind == "block" and readers:
            mine = [letter.sequence for letter in stream if letter.subject == subject]
            least = min(max(bus.floors["block", subject, reader], default=0) for reader in readers)
            if sum(1 for each in mine if each > least) >= ROOM:
                raise Full("no room")
        if headers["Nats-Msg-Id"] not in bus.ids:
            bus.ids.add(headers["Nats-Msg-Id"])
            stream.append(Stored(bus, kind, subject, body, dict(headers), len(stream) + 1))
            bus.tell()

    async def say(self, subject: str, body: bytes, headers: Mapping[str, str]) -> None:
        if not self.bus.down:
            self.bus.said.append((subject, body, headers))
            for pattern, ear in self.bus.ears:
                if _fits(pattern, subject):
                    ear.put_nowait(Stored(self.bus, "latest", subject, body, headers))

    async def hear(self, subject: str) -> AsyncIterator[Stored]:
        self._up()
        ear = (subject, asyncio.Queue[Any]())
        self.bus.ears.append(ear)
        try:
            while True:
                yield await ear[1].get()
        finally:
            self.bus.ears.remove(ear)

    async def read(self, subject: str, kind: str, reader: str, since: int | None) -> AsyncIterator[Stored | None]:
        self._up()
        bus = self.bus
        stream = bus.stored.setdefault(kind, [])
        key = (kind, subject, reader)
        done = bus.floors.get(key)
        position = since if since is not None and (kind != "sure" or not reader) else None
        if position is None and kind == "block":
            position = len(stream)
        if position is None and done is not None and reader:
            mine = [letter.sequence for letter in stream if letter.subject == subject]
            position = min((each for each in mine if each not in done), default=len(stream) + 1) - 1
        if position is None:
            position = 0 if kind == "sure" else len(stream)
        if reader:
            bus.floors.setdefault(key, set()).update(range(1, position + 1) if kind == "block" else ())
        told = False
        while True:
            while position < len(stream):
                letter = stream[position]
                position += 1
                if letter.subject == subject:
                    yield Stored(bus, kind, subject, letter.body, letter.headers, letter.sequence, reader)
                    self._up()
            if not told:
                told = True
                yield None
            await bus.changed()
            self._up()

    async def now(self) -> float:
        self._up()
        return self.bus.epoch + asyncio.get_running_loop().time()

    async def close(self) -> None:
        self.closed = True


def _fits(pattern: str, subject: str) -> bool:
    wanted, given = pattern.split("."), subject.split(".")
    return len(wanted) == len(given) and all(w in ("*", g) for w, g in zip(wanted, given, strict=True))
