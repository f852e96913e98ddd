"""Measures what changing a running graph costs: ``python -m tests.bench.reload [--times N] [--saves N]``.

First a graph of 12 nodes in this process: how long each reload takes, and how long it blocks the loop at a stretch, in
CPU time, beside a branch that does not change. Then the real command: from saving the file to the new graph on air.
"""

import argparse
import asyncio
import gc
import random
import tempfile
import time
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.reload.reloader import Reloader
from schemas.graph import Graph, Policy
from tests.bench import figures
from tests.graphs.engine.stage import REGISTRY, SEEN, graph_of
from tests.peers.body import percentile

PASSING = [f"n{number}" for number in range(9)]


def changing(rng: random.Random) -> Graph:
    """Return a chain of nine nodes that change, and a branch that does not."""
    policy = Policy("block", 16, None, None)
    stations: dict[str, object] = {"a": ("chat.count", {"count": 10**6, "every_s": 0.001})}
    stations |= {"end": "page.see", "aside": ("page.see", {"label": "aside"})}
    for name in PASSING:
        stations[name] = ("chat.pass", {"bad": (str(-rng.randrange(1, 9)),)})
    chain = ["a", *rng.sample(PASSING, 9), "end"] if rng.random() < 0.3 else ["a", *PASSING, "end"]
    wires = [f"{one} -> {two}" for one, two in pairwise(chain)]
    return graph_of(stations, *wires, "a -> aside", policies=dict.fromkeys(wires, policy))


async def reloads(times: int) -> list[tuple[float, float]]:
    """Return (seconds, longest time that the loop was blocked in CPU seconds) of each reload.

    Everything sent has arrived, once and in order, at the end of the chain (``SEEN["seen"]``) and of the branch
    (``SEEN["aside"]``).
    """
    SEEN.clear()
    rng = random.Random(2)
    runtime = Runtime(changing(rng), REGISTRY, root=Path(), log=EngineLog(quiet=True), seed=1)
    await runtime.start()
    reloader = Reloader(runtime)
    took: list[tuple[float, float]] = []
    held: list[float] = []

    async def beat() -> None:
        """Measures what the loop's thread computes between two beats: how long an event on another path would wait."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            held.append(now - before)
            before = now

    beating = asyncio.ensure_future(beat())
    for _ in range(times):
        new = changing(rng)
        await asyncio.sleep(0.01)
        held.clear()
        took.append(((await reloader.apply(new)).seconds, max(held)))
    beating.cancel()
    await runtime.stop()
    for label in ("seen", "aside"):
        numbers = [int(number) for number in SEEN[label]]
        assert numbers == list(range(len(numbers))), f"{label}: something was lost, doubled or out of order"
    return took


def saves(times: int) -> list[float]:
    """Measure the seconds from saving the file of a running command to the new graph on air."""
    command: Any = import_module("tests.faults.test_reload_process")
    with tempfile.TemporaryDirectory() as folder:
        run = command.Run(Path(folder))
        try:
            run.wait(run.started, "start", 30.0)
            for number in range(times):
                run.save(command.rename_over, (command.LONGER, command.FILTERED)[number % 2], number + 2)
                time.sleep(0.5)
        finally:
            run.process.kill()
            run.process.wait()
        return [float(each) for each in run.took]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100, help="reloads in this process")
    parser.add_argument("--saves", type=int, default=20, help="saves of the file of a command")
    figures.options(parser)
    arguments = parser.parse_args()
    gc.freeze()  # a collection would walk everything the test's registry has loaded, and count as blocking
    took = asyncio.run(reloads(arguments.times))
    saved = saves(arguments.saves)
    rows = {"reload": [one for one, _ in took], "hold": [two for _, two in took], "save to on air": saved}
    kept: dict[str, float] = {}
    print(f"{figures.machine()}, load {figures.load()[0]:g}")
    print(f"{'ms':16} {'p50':>8} {'p95':>8} {'max':>8}")
    for name, values in rows.items():
        told = {"p50": median(values), "p95": percentile(values, 0.95), "max": max(values)}
        kept |= {f"{name} {which} ms": 1000 * value for which, value in told.items()}
        print(f"{name:16} " + " ".join(f"{1000 * value:8.2f}" for value in told.values()))
    figures.done(arguments, "reload", kept)


if __name__ == "__main__":
    main()
