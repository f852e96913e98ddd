"""``bus.publish``: sends what a node emits to the other places of the graph."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from secrets import token_hex
from typing import Never

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import node
from nodes.bus import _line
from nodes.bus._errors import Away, Full
from nodes.bus._settings import Bus, kind_of, subject
from nodes.bus._wire import VERSION, encode
from nodes.phrases import phrase
from nodes.services import Clock, Jobs, Log
from nodes.streams import together
from schemas.event import Event

TAIL, TAIL_S = 64, 2.0
"""Text and sound to send once more after a server was replaced, since the old one had them only in memory."""
LOOK_S = 0.25
AGAIN_S = (0.01, 0.2)
"""First and longest wait before an event is sent again."""


class Publish(Bus):
    """Settings of ``bus.publish``."""

    node: str = Field(title="Node that sends", description="The node whose events are sent.", examples=["split"])
    port: str = Field(title="Output of the node", description="The output port of that node.", examples=["sentence"])
    patience_s: float = Field(
        10.0,
        ge=0,
        title="Given up after",
        description="How long text or sound waits for a way out before it is given up.",
    )


@node("bus.publish")
def publish(config: Publish, event: Observable[Event], *, jobs: Jobs, clock: Clock, log: Log) -> Observable[Never]:
    """Send the events of an output port to the other places, each in the way of its class.

    ``fresh`` waits for a connection until it is stale. ``sure`` is sent again until the bus has it on disk. ``block``
    (text, sound) waits while a reader is behind; when nothing gets through for ``patience_s``, events are dropped and
    counted until something gets through again, so that the show here continues. ``latest`` goes to current listeners.
    """

    def begin(_: object) -> Observable[Never]:
        sender = _Sender(config, jobs, clock, log)
        sending: Callable[[Observable[Event]], Observable[Never]] = jobs.each(sender.send)
        sent = event.pipe(ops.do_action(on_completed=sender.end), sending)
        return together(sent, jobs.beside(sender.hold))

    return reactivex.defer(begin)


class _Sender:
    def __init__(self, config: Publish, jobs: Jobs, clock: Clock, log: Log) -> None:
        self._config = config
        self._jobs = jobs
        self._clock = clock
        self._log = log
        self._run = token_hex(4)
        self._counts: dict[str, int] = {}
        self._ending = False
        self._stuck = False
        self._lost = 0
        self._lives = 0
        self._tail: deque[tuple[float, str, bytes, dict[str, str]]] = deque(maxlen=TAIL)
        self._alone = asyncio.Lock()

    def end(self) -> None:
        self._ending = True

    async def hold(self) -> None:
        """Keep the line open between events."""
        async with _line.lend(self._config, self._jobs) as line:
            while True:
                await self._jobs.sleep(LOOK_S)
                if line.lives != self._lives:
                    async with self._alone:
                        with contextlib.suppress(Away, Full):
                            await self._repeat(line)

    async def send(self, event: Event) -> None:
        config, kind = self._config, kind_of(event)
        where = subject(config.graph, config.place, config.node, config.port, kind)
        type_, body = encode(event)
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        turn, id_ = _plain(getattr(event, "turn", "")), _plain(getattr(event, "id", ""))
        headers = {
            "Nats-Msg-Id": f"{where} {id_}" if kind == "sure" and id_ else f"{where} {self._run} {number}",
            "Aischoco-Type": type_,
            "Aischoco-Schema": VERSION,
            "Aischoco-Run": self._run,
            "Aischoco-Number": str(number),
        }
        if turn:
            headers["Aischoco-Turn"] = turn
        async with self._alone, _line.lend(config, self._jobs) as line:
            began = self._clock.now()
            wait = AGAIN_S[0]
            while True:
                try:
                    await self._repeat(line)
                    headers["Aischoco-Start"] = f"{await line.now() - self._clock.now():.6f}"
                    if kind == "latest":
                        await line.say(where, body, headers)
                    else:
                        await line.keep(where, kind, body, headers)
                    break
                except (Away, Full):
                    if self._gives_up(event, kind, began):
                        return
                await self._jobs.sleep(wait)
                wait = min(2 * wait, AGAIN_S[1])
        if kind == "block":
            self._tail.append((self._clock.now(), where, body, headers))
        if self._stuck:
            self._stuck = False
            name = f"{config.node}.{config.port}"
            self._log.info(phrase("{name}: is sent again (lost meanwhile: {count})", name=name, count=self._lost))

    async def _repeat(self, line: _line.Line) -> None:
        """Send again what a lost server may not have delivered; a reader that already has it ignores it."""
        lives = line.lives
        if lives == self._lives:
            return
        for at, where, body, headers in list(self._tail):
            if self._clock.now() - at <= TAIL_S:
                await line.keep(where, "block", body, headers)
        self._lives = lives

    def _gives_up(self, event: Event, kind: str, began: float) -> bool:
        waited = self._clock.now() - began
        if kind == "sure":
            late = False
        elif kind == "fresh":
            late = waited >= (event.max_age_s or self._config.patience_s)
        else:
            late = kind == "latest" or self._stuck or waited >= self._config.patience_s
        if not (late or self._ending):
            return False
        if not self._stuck and kind != "latest":
            self._stuck, self._lost = True, 0
            name = f"{self._config.node}.{self._config.port}"
            text = phrase("{name}: cannot be sent to the other place. The show goes on at this one.", name=name)
            self._log.warning(text)
        self._lost += 1
        return True


def _plain(text: str) -> str:
    """Return the text in a form that a header can hold."""
    return text.encode("ascii", "backslashreplace").decode().replace("\r", " ").replace("\n", " ")
