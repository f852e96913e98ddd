"""Where sound can go: nowhere (in real time), to a page, or to a device. No output ever blocks."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nodes.audio._ring import Ring
from nodes.audio._shaper import Shaper
from nodes.audio._watch import SILENT_S, Watch
from nodes.services import Clock

RATE = 24_000
"""Samples a second between the voice and the outputs: what Qwen3-TTS and Kokoro produce."""
AHEAD_S = 2.0
"""Seconds of sound that an output accepts ahead of playback."""


class Output(Protocol):
    """Takes float32 mono at ``RATE`` and reports how much of it was heard."""

    name: str
    underruns: int
    """How often sound was late, so that a gap was heard."""

    @property
    def room(self) -> int:
        """How many samples ``write`` would take now."""
        ...

    def write(self, samples: NDArray[np.float32]) -> int:
        """Take at most ``room`` samples and return how many were taken."""
        ...

    def finish(self) -> None:
        """Expect nothing more for now: play out what is there, and do not count the end as an underrun."""
        ...

    def cut(self) -> None:
        """Go silent now, without a click; what was written but not heard is discarded."""
        ...

    def played(self) -> int:
        """Return how many of the written samples were heard; cut ones do not count."""
        ...

    def healthy(self) -> bool: ...

    def set_gain(self, gain: float) -> None:
        """Set the gain, effective at once: 0 is silence, 1 leaves the voice as it is."""
        ...


class NullOutput:
    """Plays into nothing, in real time."""

    name = "none"
    underruns = 0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._written = 0
        self._played = 0.0
        self._at = clock.now()

    @property
    def room(self) -> int:
        return int(AHEAD_S * RATE) - (self._written - int(self._played))

    def write(self, samples: NDArray[np.float32]) -> int:
        self.played()
        count = min(len(samples), self.room)
        self._written += count
        return count

    def finish(self) -> None:
        """Do nothing: there is no buffer that could wait for more."""

    def cut(self) -> None:
        self._written = self.played()

    def played(self) -> int:
        now = self._clock.now()
        self._played = min(self._written, self._played + (now - self._at) * RATE)
        self._at = now
        return int(self._played + 1e-6)  # on a float clock 0.1 s + 0.2 s can fall a hair short of 0.3 s

    def healthy(self) -> bool:
        return True

    def set_gain(self, gain: float) -> None:
        """Do nothing: there is nothing to hear."""


class Stream(Protocol):
    """An open device that requests samples in a thread of its own."""

    latency: float
    """Seconds from the callback until the sound is heard."""

    @property
    def active(self) -> bool: ...

    def close(self) -> None:
        """Blocking: close the device."""
        ...


class DeviceOutput:
    """A sound device behind a ring and a jitter buffer.

    It may be created in any thread; the device's thread only calls ``fill``; everything else is called on the loop.
    What was heard is what the device took, less its latency.
    """

    def __init__(self, name: str, rate: int, clock: Clock, prebuffer_ms: int) -> None:
        self.name = name
        self.rate = rate
        self._gain = 1.0
        self.underruns = 0
        self.stream: Stream | None = None
        self._clock = clock
        self._ring = Ring(int((AHEAD_S + 1.0) * rate))
        self._prebuffer = rate * prebuffer_ms // 1000
        self._playing = False
        self._finished = True
        self._calls = 0
        self._silence = 0
        self._written = 0
        self._played = 0
        self._base = (0, 0)
        self._watch = Watch(clock)
        self._resampler: Any = None
        self._cut = 0
        """Samples in the ring before this count are not played."""
        self._shaper = Shaper()

    def fill(self, out: NDArray[np.float32]) -> None:
        """Device thread: write the next samples into ``out`` (float32 [frames]), and silence if there are none."""
        self._calls += 1
        if self._cut > self._ring.read_count:
            self._ring.skip(self._cut)
            self._playing = False
        if not self._playing:
            used = self._ring.used
            self._playing = used > 0 and (self._finished or used >= self._prebuffer)
        count = self._ring.read(out) if self._playing else 0
        self._shaper.shape(out, count, self._gain)
        if count < len(out):
            if self._playing and not self._finished:
                self.underruns += 1
            self._playing = False
        self._silence = len(out) - count if count else self._silence + len(out)

    def set_gain(self, gain: float) -> None:
        self._gain = gain

    @property
    def room(self) -> int:
        if self._cut > self._ring.read_count:
            return 0  # the ring holds the cut samples until the device calls again
        return max(0, int(AHEAD_S * RATE) - (self._written - self.played()))

    def cut(self) -> None:
        self._written = self.played()
        self._cut = self._ring.written
        self._base = (self._written, self._cut)
        self._finished, self._resampler = True, None

    def write(self, samples: NDArray[np.float32]) -> int:
        samples = samples[: self.room]
        if len(samples):
            self._finished = False
            self._written += len(samples)
            self._ring.write(self._at_device_rate(samples))
        return len(samples)

    def finish(self) -> None:
        if not self._finished:
            if self._resampler is not None:
                self._ring.write(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
                self._resampler = None
            self._finished = True

    def played(self) -> int:
        latency = int(self.stream.latency * self.rate) if self.stream else 0
        silence, used = self._silence, self._ring.used
        if self._finished and not used and silence >= latency:
            self._base = (self._written, self._ring.read_count)
            self._played = self._written
            return self._written
        written, read = self._base
        heard = self._ring.read_count - max(0, latency - (silence if not used else 0)) - read
        self._played = max(self._played, min(self._written, written + heard * RATE // self.rate))
        return self._played

    def healthy(self) -> bool:
        alive = self._watch.look(self._calls)
        return self.stream is not None and self.stream.active and alive

    @property
    def steady(self) -> bool:
        """Whether it plays and will not stall time."""
        return self._watch.steady

    def _at_device_rate(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.rate == RATE:
            return samples
        if self._resampler is None:
            import soxr

            self._resampler = soxr.ResampleStream(RATE, self.rate, 1, dtype="float32", quality="MQ")
        return self._resampler.resample_chunk(samples)


class PageOutput:
    """A page that plays what it is sent and reports what it has played."""

    underruns = 0

    def __init__(
        self, client: str, number: int, send: Callable[[Any], None], clock: Clock, prebuffer_ms: int, gain: float
    ) -> None:
        """``number`` distinguishes this take-over from others, so that a late report from an older one is ignored."""
        self.name = f"page {client}"
        self.client = client
        self._number = number
        self._send = send
        self._clock = clock
        self._enough = RATE * prebuffer_ms // 1000 + RATE // 4
        self._written = 0
        self._played = 0
        self._progress = clock.now()
        self._finished = True
        self._gone = False
        self._gain = gain
        send({"type": "begin", "number": number, "gain": gain, "prebuffer_ms": prebuffer_ms})

    def set_gain(self, gain: float) -> None:
        if gain != self._gain:
            self._gain = gain
            self._send({"type": "gain", "gain": gain})

    @property
    def room(self) -> int:
        return max(0, int(AHEAD_S * RATE) - (self._written - self._played))

    def write(self, samples: NDArray[np.float32]) -> int:
        samples = samples[: self.room]
        if len(samples):
            owed = self._owes()
            self._finished = False
            self._written += len(samples)
            self._progress = self._progress if owed else self._clock.now()
            self._send((np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())
        return len(samples)

    def finish(self) -> None:
        if not self._finished:
            self._progress = self._progress if self._owes() else self._clock.now()
            self._finished = True
            self._send({"type": "end"})

    def report(self, number: int, frames: int, underruns: int) -> None:
        """Take the page's report of what it has played since ``begin``."""
        if number == self._number:
            if frames > self._played:
                self._progress = self._clock.now()
            self._played = min(self._written, max(self._played, frames))
            self.underruns = underruns

    def played(self) -> int:
        return self._played

    def leave(self) -> None:
        """Note that the page is gone or may no longer play sound."""
        self._gone = True

    def cut(self) -> None:
        """Make the page discard what it holds and stop playing; then take another page, or the same one again."""
        self._send({"type": "clear"})

    def healthy(self) -> bool:
        return not self._gone and not (self._owes() and self._clock.now() - self._progress > SILENT_S)

    def _owes(self) -> bool:
        """Whether it has enough to play and so should make progress."""
        waiting = self._written - self._played
        return waiting > (0 if self._finished else self._enough)
