"""Stand-ins for sound, told as text: a letter is a block of 32 ms."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.listen._blocks import BLOCK, BLOCK_S, Block
from nodes.listen._detector import Detector
from nodes.sound_devices import DeviceMissing
from schemas.event import Event
from schemas.host import MicMode

LOUD, SOFT, SILENT = 0.1, 0.01, 0.0


class Config:
    """Settings that a test may change."""

    def __init__(self, mode: MicMode = "open", **options: Any) -> None:
        self.mode: MicMode = mode
        self.end_s = 0.8
        self.cut: Any = "auto"
        self.quiet_db = -50.0
        self.key_s = 60.0
        self.__dict__.update(options)


def block(level: float, mark: int = 0) -> Block:
    """Make a block of this loudness, a tone of 1 kHz; ``mark`` is its first sample, so that it is known again."""
    made = np.full(BLOCK, round(level * 32768), np.int16)
    made.reshape(-1, 16)[:, 8:] *= -1
    made[0] = mark or made[0]
    return made


class Heard:
    """What a detector made of a story."""

    def __init__(self, mode: MicMode = "open", **options: Any) -> None:
        self.detector = Detector(Config(mode, **options))
        self.at = 0.0
        self.told: list[tuple[float, Event]] = []
        self.own: float | None = None
        """How loud our own voice is."""
        self.count = 0

    def note(self, events: Iterable[Event]) -> None:
        self.told += [(round(self.at, 3), event) for event in events]

    def blocks(self, story: str, level: float = LOUD) -> "Heard":
        """``v``: a voice, ``-``: silence, ``n``: loud noise without a voice, ``s``: a soft voice."""
        for sign in story:
            self.at += BLOCK_S
            self.count += 1
            if self.own is not None:
                self.detector.echo.own(self.own, self.at)
            loud = {"v": level, "n": level, "s": SOFT}.get(sign, SILENT)
            sure = 0.9 if sign in "vs" else 0.1
            self.note(self.detector.block(block(loud, self.count), sure, self.at))
        return self

    def seconds(self, sign: str, seconds: float, level: float = LOUD) -> "Heard":
        return self.blocks(sign * round(seconds / BLOCK_S), level)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for _, event in self.told if isinstance(event, kind)]

    def states(self) -> list[str]:
        """The states in their order, without repetitions."""
        from schemas.host import HostTurn

        found: list[str] = []
        for turn in self.of(HostTurn):
            if not found or found[-1] != turn.state:
                found.append(turn.state)
        return found


class FakeMicrophone:
    """A device that a test speaks into, unplugs and plugs in again."""

    def __init__(self, name: str = "USB Mic") -> None:
        self.plugged = True
        self.opened = 0
        self.closed = 0
        self.name = name
        self.take: Callable[[NDArray[np.int16]], object] = lambda _: None

    @property
    def active(self) -> bool:
        return self.plugged

    def open(self, name: str | None, take: Callable[[NDArray[np.int16]], object]) -> "FakeMicrophone":
        if not self.plugged:
            raise DeviceMissing("no device of this name", ["Line In"])
        self.opened += 1
        self.take = take
        return self

    def close(self) -> None:
        self.closed += 1
        self.take = lambda _: None

    def names(self) -> tuple[list[str], list[str]]:
        return ([self.name] if self.plugged else ["Line In"]), []


class FakeVad:
    """Hears a voice in what is loud."""

    def probabilities(self, blocks: Iterable[Block]) -> list[float]:
        return [0.9 if np.abs(each[1:]).max() > 1000 else 0.05 for each in blocks]

    def reset(self) -> None:
        pass
