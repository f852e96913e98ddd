"""Measures how long the real command takes to start, speak and end: ``python -m tests.bench.start_up [--times N]``.

Each time, the demonstration's graph is started again in a copy of the project, compiled as at any start but the first:
until its page answers, until its first sentence is heard, and from Ctrl-C to the end with everything written. CPU time
is that of the process until the page answers.
"""

import argparse
import compileall
import signal
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

from tests.bench import figures
from tests.e2e.show import Show


def _compiled(root: Path) -> None:
    compileall.compile_dir(root, quiet=1)


def started() -> dict[str, float]:
    """Measure one start and one end, in seconds.

    Raises:
        AssertionError: it did not start, speak or end well.
    """
    with tempfile.TemporaryDirectory() as folder, Show(Path(folder), prepare=_compiled) as show:
        show.until(lambda: show.get("/health") == {"ok": True})
        page = time.monotonic() - show.begun
        spent = psutil.Process(show.process.pid).cpu_times()
        show.until(show.speaks)
        heard = time.monotonic() - show.begun
        ended = show.signal(signal.SIGINT)
        assert show.process.returncode == 0, show.log
    return {"start to page": page, "start to voice": heard, "Ctrl-C to end": ended, "CPU": spent.user + spent.system}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    figures.options(parser)
    arguments = parser.parse_args()
    starts = [started() for _ in range(arguments.times)]
    kept: dict[str, float] = {}
    print(f"{figures.machine()}, load {figures.load()[0]:g}")
    print(f"{'s':16} {'least':>8} {'median':>8} {'most':>8}")
    for name in starts[0]:
        values = [start[name] for start in starts]
        told = {"least": min(values), "median": median(values), "most": max(values)}
        kept |= {f"{name} {which} s": value for which, value in told.items()}
        print(f"{name:16} " + " ".join(f"{value:8.2f}" for value in told.values()))
    figures.done(arguments, "start_up", kept)


if __name__ == "__main__":
    main()
