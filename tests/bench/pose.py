"""Measures the CPU time of the body: pose.interpolate, pose.lipsync and avatar.vts while a character speaks.

``python -m tests.bench.pose`` runs them in a real graph with 60 levels a second and a feeling every two
seconds, connected to a VTube Studio in a process of its own, and once more with only the levels and feelings; the
difference is their cost. CPU time is the process's own, so a busy machine changes it little.
"""

import argparse
import asyncio
import itertools
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Never

from reactivex import Observable
from reactivex import operators as ops

import nodes
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.server import LocalWeb
from nodes.services import Jobs
from schemas.playback import Level
from schemas.reply import EMOTIONS, Emotion
from schemas.settings import Settings
from tests.bench import figures
from tests.harness import ROOT

SOURCES = """
name: bench
nodes:
  feeling: {type: bench.feeling}
  level: {type: bench.level}
"""
NOTHING = "  end: {type: bench.end, feeling: feeling, level: level}\n"
BODY = """
  pose: {type: pose.interpolate, in: feeling, idle: [breath, sway, gaze, blink, gestures, mouse, legs]}
  lips: {type: pose.lipsync, in: level}
  vts: {type: avatar.vts, in: [pose, lips], port: PORT, token_file: TOKENS, discover: false}
"""


class Nothing(Settings):
    """No settings."""


def feeling(config: Nothing, *, jobs: Jobs) -> Observable[Emotion]:
    async def produce() -> AsyncIterator[Emotion]:
        number = 0
        while True:
            yield Emotion(turn="t", emotion=EMOTIONS[number % len(EMOTIONS)])
            number += 1
            await jobs.sleep(2.0)

    return jobs.source(produce)


def level(config: Nothing, *, jobs: Jobs) -> Observable[Level]:
    async def produce() -> AsyncIterator[Level]:
        number = 0
        while True:
            yield Level(rms=0.1 + 0.1 * math.sin(number / 3), turn="t", at_s=number / 60)
            number += 1
            await jobs.sleep(1 / 60)

    return jobs.source(produce)


def end(config: Nothing, feeling: Observable[Emotion], level: Observable[Level]) -> Observable[Never]:
    return level.pipe(ops.merge(feeling), ops.ignore_elements())  # type: ignore[arg-type,return-value]


def registry() -> dict[str, nodes.NodeSpec]:
    made: dict[str, Any] = {"bench.feeling": feeling, "bench.level": level, "bench.end": end}
    return {**nodes.load_all(), **{name: nodes._read(name, build, False) for name, build in made.items()}}


async def percent(text: str, seconds: float) -> float:
    """Measure the CPU time of this process while the graph runs, in percent of one core."""
    types = registry()
    log = EngineLog(quiet=True)
    web = LocalWeb("127.0.0.1", 0, log, root=ROOT)
    runtime = Runtime(check(text, "bench.yaml", types, {}, ROOT), types, root=ROOT, log=log, web=web, seed=1)
    await runtime.start()
    await asyncio.sleep(3.0)
    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    used = 100 * (time.process_time() - cpu) / (time.perf_counter() - begun)
    await runtime.stop()
    return used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=20.0)
    figures.options(parser)
    arguments = parser.parse_args()
    seconds: float = arguments.seconds
    with tempfile.TemporaryDirectory() as made:
        log, tokens = Path(made) / "injections.jsonl", Path(made) / "token.txt"
        tokens.write_text("known\n")
        command = [sys.executable, "-m", "tests.peers.vts_server", str(log), "--token", "known"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                body = BODY.replace("PORT", server.stdout.readline().strip()).replace("TOKENS", str(tokens))
                without = asyncio.run(percent(SOURCES + NOTHING, seconds))
                whole = asyncio.run(percent(SOURCES + body, seconds))
            finally:
                server.kill()
        times = [json.loads(line)[0] for line in log.read_text(encoding="utf-8").splitlines()]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    print(f"injections: {len(times)}, {1 / statistics.mean(gaps):.0f} a second")
    print(f"sources alone {without:.2f} %, with pose, lips and sink {whole:.2f} %: they cost {whole - without:.2f} %")
    kept = {"sources alone %": without, "with pose, lips and sink %": whole, "injections/s": 1 / statistics.mean(gaps)}
    figures.done(arguments, "pose", kept)


if __name__ == "__main__":
    main()
