"""Defines what each row of the turn bench reports: turns with their times, and what became of the messages.

Every row is a program of its own, ``python -m tests.bench.turns.NAME JOB``, where JOB is a ``Job`` as JSON. It prints a
line when it has started, begins with the chat when it is sent a line, and its last line of output is a ``Row`` as JSON.
This file needs only the standard library, because one row runs in another environment.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

RATE = 24_000
"""Samples a second of the speech server."""
COLLECTED_S = 0.12
"""Seconds of sound that a device with a jitter buffer needs before it begins."""
WARM_S = 5.0
"""Turns that begin this early in the recording are not counted, because of connections, imports and caches."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a row has to do."""

    llm: str
    """Address of the language model, with ``/v1``."""
    tts: str
    recording: str
    seconds: float
    """Length of the measurement, after the first ``WARM_S`` of the recording."""

    @property
    def ends(self) -> float:
        return WARM_S + self.seconds


@dataclass(slots=True)
class Turn:
    """The times of a turn, in seconds of the row's own clock."""

    oldest: float
    """When the first of the messages that the turn answers was received."""
    newest: float
    messages: int
    batched: float
    """When the messages were taken, and only the answer was still awaited."""
    sound: float | None = None
    """When the first sound was handed to the device."""
    collected: float | None = None
    """When the device had ``COLLECTED_S`` of sound."""
    samples: int = 0
    ends: float | None = None
    """When the last of its sound was heard."""
    paid: bool = False
    """Whether it thanks for something; known of our own row only."""

    def hand(self, samples: int, now: float) -> None:
        """Record that the device takes sound of this turn."""
        self.samples += samples
        self.ends = max(self.ends or now, now) + samples / RATE
        if self.sound is None:
            self.sound = now
        if self.collected is None and self.samples >= COLLECTED_S * RATE:
            self.collected = now


@dataclass(slots=True)
class Row:
    """The measurements; only turns that were heard are included."""

    turns: list[Turn] = field(default_factory=list[Turn])
    received: int = 0
    dropped: dict[str, int] = field(default_factory=dict[str, int])
    cpu_s: float = 0.0
    busy_until: float = 0.0
    """When the turn before the first of these was heard to its end."""

    @classmethod
    def read(cls, output: str) -> "Row":
        told = json.loads(output.strip().splitlines()[-1])
        turns = [Turn(**turn) for turn in told["turns"]]
        return cls(turns, told["received"], told["dropped"], told["cpu_s"], told["busy_until"])

    def tell(self, turns: list[Turn], begin: float, end: float) -> None:
        """Print this row with the turns that began between these times and were heard."""
        heard = [turn for turn in turns if turn.collected is not None]
        self.turns = [turn for turn in heard if begin <= turn.batched < end]
        self.busy_until = max((turn.ends or 0.0 for turn in heard if turn.batched < begin), default=0.0)
        print(json.dumps(asdict(self)), flush=True)


class Cpu:
    """Measures the CPU time of this process from ``begin`` on."""

    def __init__(self) -> None:
        self._at = 0.0

    def begin(self) -> None:
        self._at = time.process_time()

    def seconds(self) -> float:
        return time.process_time() - self._at


def job() -> Job:
    """Read the job from the command line."""
    return Job(**json.loads(sys.argv[1]))


def wait() -> None:
    """Report that this row has started, and wait until all have."""
    print("started", flush=True)
    sys.stdin.readline()


def feed(recording: str) -> Iterator[tuple[float, str]]:
    """Yield (seconds, ``name: text``) of each chat message and donation of a recording."""
    for line in Path(recording).read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        payload = json.loads(told["payload"])
        paid = told["event"] == "DONATION"
        name = payload["donatorNickname"] if paid else payload["profile"]["nickname"]
        yield told["t"], f"{name}: {payload['donationText' if paid else 'content']}"
