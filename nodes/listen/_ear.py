"""The microphone as it runs: the device is opened and watched, its sound judged block by block, what follows told."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nodes.listen._blocks import BLOCK, BLOCK_S, Block, Blocks
from nodes.listen._detector import Config as DetectorConfig
from nodes.listen._detector import Detector
from nodes.listen._microphone import Microphone, microphones, no_microphone, open_microphone
from nodes.listen._saved import read_wav, record
from nodes.listen._vad import Missing, Vad, load
from nodes.phrases import Phrase, phrase
from nodes.services import Clock, Files, Jobs, Log
from nodes.sound_devices import DeviceMissing, pick
from schemas.event import Event
from schemas.host import Ignored, MicOrder, MicState, Utterance
from schemas.playback import Heard, Level, Speaking

SILENT_S = 0.7
"""A device from which no sound comes for this long is lost; silence is sound, too."""
GRACE_S = 3.0
"""How late the first sound of a device may be that was opened just now."""
MUTED_S = 20.0
"""A device that has given nothing but zeros for this long since it was opened is muted, or kept from this program."""
LOOK_S = 0.25
NAMES_S = 0.75
"""How often it is looked whether a device of that name is still there: PulseAudio moves a stream to another one."""
RETRY_S = (0.5, 5.0)
"""First and longest wait before trying a device again."""
SHOWN_S = 0.12
"""How often the level is shown."""
BEHIND = int(10 / BLOCK_S)
"""Blocks that may wait to be judged; the oldest beyond are dropped."""


class Config(DetectorConfig, Protocol):
    """The settings of the microphone."""

    @property
    def device(self) -> str: ...
    @property
    def file(self) -> Path | None: ...
    @property
    def record(self) -> bool: ...


class Ear:
    """Hears through one microphone. ``hear`` judges what comes, ``tend`` opens and closes the device."""

    def __init__(
        self,
        config: Config,
        detector: Detector,
        clock: Clock,
        jobs: Jobs,
        files: Files,
        log: Log,
        *,
        vad: Callable[[], Vad] = load,
        opening: Callable[[str | None, Callable[[NDArray[np.int16]], object]], Microphone] = open_microphone,
        names: Callable[[], tuple[list[str], list[str]]] = microphones,
    ) -> None:
        self._config = config
        self._detector = detector
        self._clock = clock
        self._jobs = jobs
        self._worker = jobs.worker("vad")
        self._files = files
        self._log = log
        self._load, self._opening, self._names = vad, opening, names
        self._vad: Vad | None = None
        self._waiting: deque[tuple[Block | None, float]] = deque(maxlen=BEHIND)
        """What is to be judged, and when it came; None where the sound ends."""
        self._blocks = Blocks()
        self._came = asyncio.Event()
        self._microphone: Microphone | None = None
        self._opened: Microphone | None = None
        """What is to be closed, even if nobody waits for it any more."""
        self._last = self._shown = self._looked = 0.0
        self._due = self._muted_at = 0.0
        self._wait_s = RETRY_S[0]
        self._trouble: Phrase | str = ""
        self._session = 0
        """Counts the devices that were opened: sound of an earlier one is not taken."""

    # What the rest of the show tells; each returns what follows.

    def order(self, order: MicOrder) -> list[Event]:
        now, told = self._clock.now(), list[Event]()
        if order.mode is not None:
            if order.mode == "off":
                self._waiting.clear()
            told += self._detector.switch(order.mode, now)
        if order.held is not None:
            told += self._detector.key(order.held, now, order.for_s)
        self._due = min(self._due, now)
        self._came.set()
        return [*told, self.state()]

    def speaking(self, speaking: Speaking) -> list[Event]:
        return self._detector.speaking(speaking)

    def level(self, level: Level) -> None:
        self._detector.echo.own(level.rms, self._clock.now())

    def said(self, heard: Heard) -> None:
        self._detector.said(heard, self._clock.now())

    def ignored(self, ignored: Ignored) -> None:
        if ignored.why == "echo":
            self._detector.echo.mistaken()

    # What runs beside it.

    async def hear(self) -> AsyncGenerator[Event]:
        """Judge each block as it comes, until it is cancelled."""
        while True:
            self._came.clear()
            if not self._waiting:
                await self._came.wait()
            for event in await self._judge():
                yield event
                if isinstance(event, Utterance) and self._config.record:
                    await record(event, self._files, self._jobs, self._log)
            now = self._clock.now()
            if now - self._shown >= SHOWN_S:
                self._shown = now
                yield self.state()

    async def tend(self) -> AsyncGenerator[Event]:
        """Open the device while the mode is not ``off``, close it when it is, and look for it when it is lost."""
        yield self.state()
        try:
            while True:
                if self._config.file is None:
                    for event in await self._look():
                        yield event
                now, held = self._clock.now(), self._detector.held
                for event in [*self._detector.expire(now), *self._unheard(now), *self._detector.repeated(now)]:
                    yield event
                if self._detector.held != held:
                    yield self.state()
                await self._jobs.sleep(LOOK_S)
        finally:
            self._session += 1
            await self._jobs.thread(self._close)

    async def play(self, file: Path) -> AsyncGenerator[Event]:
        """Hear a recording in place of a device, in its own time."""
        samples = await self._jobs.thread(read_wav, file)
        begun = self._clock.now()
        for number in range(len(samples) // BLOCK):
            await self._jobs.sleep(max(0.0, begun + (number + 1) * BLOCK_S - self._clock.now()))
            self._take(self._session, samples[number * BLOCK : (number + 1) * BLOCK], self._clock.now())
        self._ends(self._clock.now())
        yield self.state()

    def state(self) -> MicState:
        """Return how it is with the microphone now."""
        detector, now = self._detector, self._clock.now()
        open_ = self._microphone is not None or self._config.file is not None
        return MicState(
            mode=detector.mode,
            device="" if self._microphone is None else self._microphone.name,
            rms=round(detector.rms, 4) if open_ and detector.mode != "off" else 0.0,
            threshold=round(min(1.0, detector.threshold(now)), 4),
            voice=round(detector.voice, 2) if open_ and detector.mode != "off" else 0.0,
            state=detector.state,
            held=detector.held,
            recorded=self._config.record,
            trouble=self._trouble or self._muted(now),
        )

    def _muted(self, now: float) -> Phrase | str:
        if self._microphone is None or now < self._muted_at:
            return ""
        name = self._microphone.name
        return phrase("only silence comes from the microphone {name}: switch it on, or allow its use", name=name)

    async def _judge(self) -> list[Event]:
        waiting, self._waiting = list(self._waiting), deque(maxlen=BEHIND)
        if not waiting or self._detector.mode == "off":
            return []
        blocks = [block for block, _ in waiting if block is not None]
        try:
            if self._vad is None:
                self._vad = await self._worker.thread(self._load)
                self._log.well("vad")
            sure = await self._worker.thread(self._vad.probabilities, blocks)
        except Missing as error:
            self._trouble = error.args[0]
            self._log.trouble("vad", self._trouble)
            self._due = float("inf")  # without it the microphone is of no use, and is closed
            return [self.state()]
        told: list[Event] = []
        voices = iter(sure)
        for block, at in waiting:
            told += self._detector.lost(at) if block is None else self._detector.block(block, next(voices), at)
        return told

    def _ends(self, at: float) -> None:
        """No more sound comes: what is still to be judged goes first."""
        self._waiting.append((None, at))
        self._came.set()

    def _take(self, session: int, samples: NDArray[np.int16], at: float) -> None:
        if session != self._session:
            return
        self._last = max(self._last, at)
        if samples.any():
            self._muted_at = float("inf")
        blocks = list(self._blocks.take(samples))
        for number, block in enumerate(blocks):
            self._waiting.append((block, at - (len(blocks) - 1 - number) * BLOCK_S))
        if blocks:
            self._came.set()

    def _unheard(self, now: float) -> list[Event]:
        """End what she says if no sound comes: the key may be held while there is no microphone."""
        silent = self._microphone is None if self._config.file is None else now - self._last > SILENT_S
        return self._detector.lost(now) if silent and not self._waiting else []

    async def _look(self) -> Iterable[Event]:
        now = self._clock.now()
        wanted = self._detector.mode != "off" and self._due != float("inf")
        if not wanted:
            if self._opened is not None:
                self._session += 1
                self._microphone = None
                await self._jobs.thread(self._close)
                return [self.state()]
            return ()
        if self._microphone is not None:
            if await self._is_there(self._microphone, now):
                return ()
            return self._lose(now)
        if now >= self._due:
            await self._open()
            return [self.state()]
        return ()

    async def _is_there(self, microphone: Microphone, now: float) -> bool:
        if not microphone.active or now - self._last > SILENT_S:
            return False
        if self._config.device != "auto" and now - self._looked >= NAMES_S:
            self._looked = now
            there, _ = await self._jobs.thread(self._names)
            return pick(self._config.device, there) is not None
        return True

    def _lose(self, now: float) -> list[Event]:
        name = "" if self._microphone is None else self._microphone.name
        self._microphone = None
        self._session += 1
        self._trouble = phrase("the microphone {name} is gone; it is taken again as soon as it is back", name=name)
        self._log.trouble("mic", self._trouble)
        self._due, self._wait_s = now, RETRY_S[0]
        self._ends(now)
        return [self.state()]

    async def _open(self) -> None:
        self._session += 1
        session = self._session

        def take(samples: NDArray[np.int16]) -> None:
            self._jobs.post(self._take, session, samples, self._clock.now())

        name = None if self._config.device == "auto" else self._config.device
        missing = await self._jobs.thread(self._opens, name, take)
        now = self._clock.now()
        if missing is None:
            self._microphone = self._opened
            self._last, self._muted_at = now + GRACE_S - SILENT_S, now + MUTED_S
            self._looked, self._wait_s, self._trouble = now, RETRY_S[0], ""
            self._log.well("mic", phrase("the microphone is heard: {name}", name=self.state().device))
            return
        self._due, self._wait_s = now + self._wait_s, min(RETRY_S[1], 2 * self._wait_s)
        self._trouble = no_microphone(name, missing.there)
        self._log.trouble("mic", self._trouble, error=str(missing))

    def _opens(self, name: str | None, take: Callable[[NDArray[np.int16]], object]) -> DeviceMissing | None:
        """Worker thread: open the device; return why it cannot be opened."""
        self._close()
        try:
            self._opened = self._opening(name, take)
        except DeviceMissing as missing:
            return missing
        return None

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
