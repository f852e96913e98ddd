"""What is heard of the character at a sound device, against what the program says that it has said."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from tests.e2e.show import Program, read_srt, read_wav
from tests.peers.pulse import RATE, Recording, match

Samples = NDArray[np.floating[Any]]
"""Mono, at ``RATE``."""
LOUD = 0.01
"""RMS of a window in which somebody speaks."""
WINDOW_S = 0.05
ALIKE = 0.9
PIECE_S = 0.4
LATE_S = 3.0
"""A busy machine may interrupt a sentence this long."""
WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Aloud:
    """A sentence that was heard."""

    text: str
    begin: float
    """When its first sample came out of the device (monotonic)."""
    seconds: float
    """From its first sample to its last."""
    spoken_s: float
    """How much of that is loud."""
    share: float
    """How many of its pieces came, one after another, as the program has recorded them."""


def levels(samples: Samples) -> Samples:
    """Return the RMS of each window."""
    size = int(WINDOW_S * RATE)
    windows = samples[: len(samples) // size * size].reshape(-1, size)
    return np.sqrt(np.mean(np.square(windows), axis=1))


def spoken_s(samples: Samples) -> float:
    return float(np.count_nonzero(levels(samples) > LOUD)) * WINDOW_S


def heard(recording: Recording, program: Program, text: str) -> Aloud:
    """Find the last sentence of ``text`` that was said in what a device has played. Blocking: it waits until the
    sentence is over."""
    end = time.monotonic() + WITHIN_S
    best: Aloud | None = None
    while (best is None or best.share < 1.0) and time.monotonic() < end:
        sentence = _said(program, text)
        if sentence is not None:
            found = _found(recording, *sentence)
            best = max((each for each in (best, found) if each), key=lambda each: each.share, default=None)
        time.sleep(0.2)
    assert best is not None, f"of {text!r} nothing was heard in {len(recording.samples) / RATE:.1f} s"
    return best


def _found(recording: Recording, text: str, reference: Samples) -> Aloud | None:
    recorded, size = recording.samples, int(PIECE_S * RATE)
    pieces = [(at, reference[at : at + size]) for at in range(0, len(reference) - size + 1, size)]
    pieces = [(at, piece) for at, piece in pieces if np.median(levels(piece)) > LOUD]
    places: list[tuple[int, int]] = []
    for at, piece in pieces:
        begin, stop = 0, len(recorded)
        if places:
            begin = places[-1][1] + at - places[-1][0]
            stop = begin + size + int(LATE_S * RATE)
        part = recorded[max(0, begin - 480) : stop]  # 10 ms before its time at the earliest
        if len(part) < size:
            break
        alike, place = match(part, piece)
        if alike > ALIKE:
            places.append((at, max(0, begin - 480) + place))
    if not places:
        return None
    first, last = places[0][1], places[-1][1] + size
    return Aloud(
        text, recording.at(first), (last - first) / RATE, spoken_s(recorded[first:last]), len(places) / len(pieces)
    )


def _said(program: Program, text: str) -> tuple[str, Samples] | None:
    """Return the last sentence of ``text`` in the program's own recording, and its sound at ``RATE``."""
    files = sorted(program.session.glob("*.srt"), key=lambda each: each.stat().st_mtime, reverse=True)
    for file in files:
        for cue in reversed(read_srt(file)):
            if cue.text in text:
                sound = read_wav(file.with_suffix(".wav"))
                if cue.end > sound.seconds:
                    return None
                part = sound.samples[int(cue.begin * sound.rate) : int(cue.end * sound.rate)]
                return cue.text, soxr.resample(part, sound.rate, RATE)
    return None
