"""Makes a voice higher or lower without changing who speaks: its formants stay where they are.

The WORLD vocoder (Morise et al., IEICE 2016; ``pyworld``) takes the sound apart into pitch, spectral envelope and
noise, and puts it together again with another pitch. It works on whole sounds, so a stream is made block by block: each
block is analysed with some sound on both sides of it, and joined to the one before where the two are most alike.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from importlib import import_module
from typing import Any

import numpy as np

from nodes.phrases import phrase
from nodes.services import Log, Worker
from nodes.speech._speaking.sound import Samples
from nodes.speech._speaking.voice import Sound, closing

_AHEAD_S = 0.05
"""Sound that is analysed on both sides of a block: WORLD looks at three periods of a voice."""
_LEAST_S = 0.08
"""A block is at least this long."""
_OVERLAP_S = 0.01
_SEARCH_S = 0.0075
"""How far a block may be moved to fit, either way: together a period of 66 Hz."""
SLOWEST_RATE = 16_000
"""WORLD needs sound up to 8 kHz."""
PACKAGE = "pyworld-prebuilt"


async def pitched(sounds: AsyncIterator[Sound], semitones: float, worker: Worker, log: Log) -> AsyncGenerator[Sound]:
    """Yield the sound of one sentence, higher or lower by ``semitones``; as it is where that cannot be done.

    It comes 50 ms of sound later than without. ``sounds`` is closed with it.
    """
    pitch: Pitch | None = None
    text = ""
    try:
        async with closing(sounds) as pieces:
            async for piece in pieces:
                if pitch is None or pitch.rate != piece.rate:
                    if pitch is not None:
                        yield Sound(await worker.thread(pitch.end), pitch.rate)
                    pitch = await _begun(piece.rate, semitones, worker, log)
                if pitch is None:
                    yield piece
                    continue
                text += piece.text
                made = await worker.thread(pitch.push, piece.samples)
                if piece.last:
                    made = np.concatenate((made, await worker.thread(pitch.end)))
                    pitch = None
                if len(made):
                    yield Sound(made, piece.rate, piece.last, text)
                    text = ""
    except Exception:
        if pitch is not None:
            yield Sound(await worker.thread(pitch.end), pitch.rate, text=text)
        raise
    if pitch is not None:
        yield Sound(await worker.thread(pitch.end), pitch.rate, text=text)


async def _begun(rate: int, semitones: float, worker: Worker, log: Log) -> "Pitch | None":
    if rate < SLOWEST_RATE:
        text = phrase(
            "This voice has {rate} Hz, so its pitch cannot be changed ({least} Hz or more). It speaks as it is.",
            rate=rate,
            least=SLOWEST_RATE,
        )
        log.trouble("pitch", text)
        return None
    try:
        return await worker.thread(Pitch, rate, semitones)
    except ImportError as error:
        text = phrase(
            "To change the pitch, {package} is needed. It speaks as it is: {command}",
            package=PACKAGE,
            command=f"pip install {PACKAGE}",
        )
        log.trouble("pitch", text, why=str(error))
        return None


class Pitch:
    """One stream of sound. Blocking: takes about a tenth of the sound's length."""

    def __init__(self, rate: int, semitones: float) -> None:
        """
        Raises:
            ImportError: the library is not installed, or cannot be loaded on this machine.
        """
        self._world: Any = import_module("pyworld")
        self.rate = rate
        self._ratio = 2.0 ** (semitones / 12.0)
        self._ahead, self._least = round(_AHEAD_S * rate), round(_LEAST_S * rate)
        self._overlap, self._search = round(_OVERLAP_S * rate), round(_SEARCH_S * rate)
        self._fade = np.linspace(0.0, 1.0, self._overlap, dtype=np.float32)
        self._waiting = np.zeros(0, np.float32)
        self._made = 0
        """Samples of ``_waiting`` that were given."""
        self._follow = np.zeros(0, np.float32)
        """How the last block goes on after its end."""

    def push(self, samples: Samples) -> Samples:
        """Take a piece, float32 [n]; return what is ready, float32 [m]; m may be 0."""
        self._waiting = np.concatenate((self._waiting, samples))
        ready = len(self._waiting) - self._made - self._ahead
        return self._block(ready) if ready >= self._least else samples[:0]

    def end(self) -> Samples:
        """Return the rest; as many samples as were pushed have then been given."""
        return self._block(len(self._waiting) - self._made)

    def _block(self, length: int) -> Samples:
        start = max(0, self._made - self._ahead)
        spoken = self._again(self._waiting[start : self._made + length + self._ahead])
        before = self._made - start
        place = before + (self._best(spoken, before) if len(self._follow) else 0)
        spoken = np.concatenate((spoken, np.zeros(max(0, place + length + self._overlap - len(spoken)), np.float32)))
        block = spoken[place : place + length].copy()
        joint = min(len(self._follow), length)
        fade = self._fade[:joint]
        block[:joint] = self._follow[:joint] * (1.0 - fade) + block[:joint] * fade
        self._follow = spoken[place + length : place + length + self._overlap]
        self._made += length
        used = max(0, self._made - self._ahead)
        self._waiting, self._made = self._waiting[used:], self._made - used
        return block

    def _best(self, spoken: Samples, place: int) -> int:
        """Return how far from ``place`` the sound is most like what follows the last block."""
        low = max(0, place - self._search)
        region = spoken[low : place + self._search + self._overlap]
        if len(region) < self._overlap:
            return 0
        likeness = np.correlate(region, self._follow, "valid")
        power = np.cumsum(np.concatenate((np.zeros(1), region**2)), dtype=np.float64)
        energy = power[self._overlap :] - power[: -self._overlap]
        return low + int(np.argmax(likeness / np.sqrt(energy + 1e-6))) - place

    def _again(self, samples: Samples) -> Samples:
        """Return the same sound, as long, with the new pitch."""
        world, sound = self._world, samples.astype(np.float64)
        rough, times = world.dio(sound, self.rate)
        pitch = world.stonemask(sound, rough, times, self.rate)
        if not pitch.any():
            return samples
        envelope = world.cheaptrick(sound, pitch, times, self.rate)
        noise = world.d4c(sound, pitch, times, self.rate)
        made = world.synthesize(pitch * self._ratio, envelope, noise, self.rate)[: len(samples)]
        return np.pad(made, (0, len(samples) - len(made))).astype(np.float32)
