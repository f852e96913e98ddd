"""``chat.replay``: plays a recorded chat."""

import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, cast

from pydantic import Field
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable

from nodes import UNWIRED, Feedback, node
from nodes.chat._breath import Breath
from nodes.chat._chzzk.wire import later
from nodes.particles import CHARACTER, named
from nodes.phrases import phrase, said_by
from nodes.recording import read_line
from nodes.services import Clock, Jobs, Log, Verdicts
from schemas.chat import RawPayload, ViewerEvent
from schemas.settings import Settings

_BLOCK = 1 << 20
"""How many bytes are read at a time; the file is closed in between, so nothing is held open."""
_PAUSE_S = 1.0
"""Pause between the last line and the first one of the next round, in recording time."""
_WARNINGS = 3


class Replay(Settings):
    """Settings of ``chat.replay``."""

    file: Path = Field(
        title="Recording",
        description="Recording to play: JSONL, one event a line, relative to the project folder.",
        examples=["assets/recordings/demo.jsonl"],
    )
    speed: float = Field(
        default=1.0, gt=0, le=1e6, title="Speed of the recording", description="2 plays twice as fast."
    )
    character: str = Field(
        default=CHARACTER,
        title="Name in the recording",
        description="Name in place of {character} in what the recording says.",
    )
    loop: bool = Field(
        default=False, title="Again and again", description="Begin again at the end, with later message times."
    )


@node("chat.replay")
def replay(
    config: Replay,
    guest: Feedback[ViewerEvent] = UNWIRED,
    *,
    jobs: Jobs,
    clock: Clock,
    verdicts: Verdicts,
    log: Log,
) -> Observable[RawPayload]:
    """Play a recorded chat at the times of the recording.

    A line is ``{"t": seconds since the start, "event": "CHAT", "payload": "<JSON in a string>" or an object}``, or what
    ``record parse.chat`` writes (see ``nodes/recording.py``). A line that cannot be read is counted as malformed
    (``line``) and skipped. Each round of a loop shifts ``messageTime`` and ``eventSentAt`` forward, because the same
    times would make them the same events again.

    The recording holds its breath while what a ``guest`` wrote waits for its answer (``guest`` of ``chat.typed``, wired
    from what is behind it), for at most 30 s; events that are not of a guest do not matter there.

    Raises:
        OSError: the file does not exist.
    """
    if not config.file.is_file():
        raise FileNotFoundError(phrase("there is no recording of chat at {file}", file=config.file))

    async def produce(breath: Breath) -> AsyncIterator[RawPayload]:
        start = clock.now()
        shift = 0.0
        broken = 0
        while True:
            played = False
            end = 0.0
            offset = number = 0
            while True:
                lines, offset = await jobs.thread(_block, config.file, offset)
                if not lines:
                    break
                for line in lines:
                    number += 1
                    if not line.strip():
                        continue
                    try:
                        at, event = _read(line, shift, config.character)
                    except (ValueError, RecursionError) as error:
                        verdicts.malformed("line")
                        broken += 1
                        if broken <= _WARNINGS:
                            place = f"{config.file}:{number}"
                            log.warning(phrase("{place}: not a recorded event: {why}", place=place, why=said_by(error)))
                        continue
                    due = start + (shift + at) / config.speed
                    while (delay := breath.until(due)) > 0:
                        await jobs.sleep(delay)
                    played = True
                    end = max(end, at)
                    yield event
            if not (config.loop and played):
                return
            shift += end + _PAUSE_S

    def subscribe(observer: ObserverBase[RawPayload], scheduler: SchedulerBase | None = None) -> DisposableBase:
        breath = Breath(clock, verdicts)
        return CompositeDisposable(
            breath.follow(),
            guest.subscribe(breath.came, observer.on_error, scheduler=scheduler),
            jobs.source(partial(produce, breath)).subscribe(observer, scheduler=scheduler),
        )

    return Observable(subscribe)


def _block(file: Path, offset: int) -> tuple[list[bytes], int]:
    with file.open("rb") as recording:
        recording.seek(offset)
        lines = recording.readlines(_BLOCK)
        return lines, recording.tell()


def _read(line: bytes, shift: float, character: str) -> tuple[float, RawPayload]:
    if CHARACTER.encode() in line:
        line = named(line.decode(), character).encode()
    at, event = read_line(line)
    wire = cast("str | dict[str, Any]", event.payload)
    return at, RawPayload(event=event.event, payload=_moved(wire, shift)) if shift else event


def _moved(payload: str | dict[str, Any], shift: float) -> str | dict[str, Any]:
    if isinstance(payload, dict):
        return later(payload, shift)
    try:
        inside = json.loads(payload)
    except (ValueError, RecursionError):
        return payload
    moved = later(cast(dict[str, Any], inside), shift) if isinstance(inside, dict) else inside
    return json.dumps(moved, ensure_ascii=False)
