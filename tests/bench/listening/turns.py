"""Measures how soon it is known that the streamer begins to speak, and that she is done:
``python -m tests.bench.listening.turns``.

An embedded voice says sentences in a quiet room, and in one with pink noise. Prints for each how late the turn began,
how late the utterance was handed over (the silence that ends a turn is not counted), how many sentences were no
utterance of their own, and the CPU that hearing takes, in percent of a core.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from nodes.listen._blocks import RATE
from schemas.host import HostTurn, Utterance
from tests.bench import figures
from tests.bench.listening.echo import END_S, HERS, HERS_DB, begin_of, decibels, heard, loud, quiet_room
from tests.bench.listening.voices import Sound, kept

PINK_DB = -45.0
TIMES = 10
"""Each sentence is said so often, each time at another moment of the noise and of a block."""
PAUSE_S = 2.5


def end_of(sound: Sound) -> float:
    """Return the second in which a voice ends."""
    return len(sound) / RATE - begin_of(sound[::-1])


def pink(length: int) -> Sound:
    """Return noise that is as loud in each octave."""
    bins = np.fft.rfft(np.random.default_rng(8).normal(size=length))
    bins[1:] /= np.sqrt(np.arange(1, len(bins)))
    noise = np.fft.irfft(bins, length)
    return (noise * decibels(PINK_DB) / np.sqrt(np.mean(np.square(noise)))).astype(np.float32)


def measure(hers: list[Sound], noise: bool) -> dict[str, float]:
    """Return the figures for one room."""
    random = np.random.default_rng(7)
    parts, begins, ends, length = [np.zeros(RATE, np.float32)], list[float](), list[float](), RATE
    for voice in [loud(sound, HERS_DB) for sound in hers] * TIMES:
        pause = np.zeros(int((PAUSE_S + random.uniform(0, 0.1)) * RATE), np.float32)
        begins.append(length / RATE + begin_of(voice))
        ends.append(length / RATE + end_of(voice))
        parts += [voice, pause]
        length += len(voice) + len(pause)
    arriving = np.concatenate(parts) + quiet_room(length)
    arriving += pink(length) if noise else np.float32(0)
    begun = time.process_time()
    told = heard(np.zeros_like(arriving), arriving)
    cpu_s = time.process_time() - begun
    turns = [at for at, event in told if isinstance(event, HostTurn) and event.state == "speaking"]
    handed = [at for at, event in told if isinstance(event, Utterance)]
    alone = sum(sum(begin < at < end + PAUSE_S for at in handed) == 1 for begin, end in zip(begins, ends, strict=True))
    onsets = sorted(min(at for at in [*turns, begin + 2] if at > begin - 0.05) - begin for begin in begins)
    lates = sorted(min(at for at in [*handed, end + 2] if at > end) - end - END_S for end in ends)
    return {
        "onset_p50_s": _at(onsets, 0.5),
        "onset_p95_s": _at(onsets, 0.95),
        "handed_over_p50_s": _at(lates, 0.5),
        "handed_over_p95_s": _at(lates, 0.95),
        "not_alone": len(begins) - alone,
        "cpu_percent": round(100 * cpu_s / (length / RATE), 2),
    }


def _at(ordered: list[float], share: float) -> float:
    return round(ordered[int(share * (len(ordered) - 1))], 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", type=Path, metavar="FILE", help="keep the voice in a file (.npz) for another run")
    figures.options(parser)
    options = parser.parse_args()
    hers = kept(options.voices, {"hers": ("jm_kumo", HERS)})["hers"]
    found: dict[str, float] = {}
    for room, noise in {"quiet": False, "noise": True}.items():
        measured = measure(hers, noise)
        found |= {f"{room}_{name}": value for name, value in measured.items()}
        print(f"{room}: {', '.join(f'{name} {value:g}' for name, value in measured.items())}", flush=True)
    figures.done(options, "listening.turns", found)


if __name__ == "__main__":
    main()
