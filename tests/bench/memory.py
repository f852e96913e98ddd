"""Measures a show's memory: ``python -m tests.bench.memory [--seconds N]`` runs the demo at ten messages a second.

It is the real command in a process of its own, with its real voice and no sound device. Memory is the resident set in
RAM, read twice a second. The slope of a minute says little: ``pytest -m slow tests/soak`` measures it over hours.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from tests.bench import figures
from tests.e2e import flood
from tests.e2e.show import Show

WARM_S = 30.0
"""By then the voice has spoken a clause of every length; before that, its model's memory grows with the longest one."""
PAUSE_S = 0.5


class Reading(NamedTuple):
    """One reading of what the process uses."""

    at: float
    """Seconds since the process was started."""
    mb: float
    threads: int
    files: int
    """Open files, including sockets; 0 where the system does not report them."""


def reading(show: Show) -> Reading:
    """Take one reading of the process."""
    process = psutil.Process(show.process.pid)
    files: Callable[[], int] = getattr(process, "num_fds", lambda: 0)
    return Reading(time.monotonic() - show.begun, process.memory_info().rss / 1e6, process.num_threads(), files())


def readings(show: Show, seconds: float) -> list[Reading]:
    """Take readings twice a second until this many seconds after its start, or until it ends."""
    found: list[Reading] = []
    while show.process.poll() is None and time.monotonic() - show.begun < seconds:
        found.append(reading(show))
        time.sleep(PAUSE_S)
    return found


def slope(found: Sequence[Reading]) -> float:
    """Return by how much memory grows in MB/h, by least squares over the second half of the readings."""
    half = found[len(found) // 2 :]
    return 3600 * float(np.polyfit([each.at for each in half], [each.mb for each in half], 1)[0])


def _bounded(root: Path, cache_mb: int | None) -> None:
    """Let the voice keep at most this much sound."""
    if cache_mb is not None:
        graph = root / "graphs" / "demo.yaml"
        text = graph.read_text(encoding="utf-8").replace("speech.kokoro,", f"speech.kokoro, cache_mb: {cache_mb},")
        graph.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--cache-mb", type=int, help="megabytes of sound that the voice keeps, instead of its default")
    figures.options(parser)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        flood.write(folder / "flood.jsonl", arguments.seconds + 10)
        recording = {"CHAT_RECORDING": str(folder / "flood.jsonl")}
        with Show(folder, env=recording, prepare=lambda root: _bounded(root, arguments.cache_mb)) as show:
            show.until(lambda: show.get("/health") == {"ok": True})
            found = [reading(show), *readings(show, arguments.seconds)]
            assert show.process.poll() is None, show.log
            cpu = psutil.Process(show.process.pid).cpu_times()
    warm = [each for each in found if each.at > WARM_S] or found[-1:]
    kept = {
        "with its page MB": found[0].mb,
        "warm MB": warm[0].mb,
        "end MB": warm[-1].mb,
        "most MB": max(each.mb for each in found),
        "second half MB/h": slope(found),
        "threads warm": float(warm[0].threads),
        "threads end": float(warm[-1].threads),
        "files warm": float(warm[0].files),
        "files end": float(warm[-1].files),
        "CPU %": 100 * (cpu.user + cpu.system) / arguments.seconds,
    }
    print(f"{figures.machine()}, load {figures.load()[0]:g}; {arguments.seconds:g} s, warm after {WARM_S:g} s")
    for name, value in kept.items():
        print(f"{name:20} {value:8.1f}")
    figures.done(arguments, "memory", kept)


if __name__ == "__main__":
    main()
