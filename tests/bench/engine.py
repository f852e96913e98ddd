"""Measures ten nodes in a chain (five maps, five filters): cost and latency of an event, ours beside others in one run.

``python -m tests.bench.engine [--pipecat PYTHON]`` prints a table. PYTHON is the interpreter of an environment in which
pipecat-ai, reactivex, pydantic, pyyaml, psutil and python-dotenv are installed; without it pipecat is left out.
Each row runs in a process of its own; CPU time is that process's own, so a busy machine changes it little.
"""

import argparse
import asyncio
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.bench import figures

STAGES = 10
EVENTS = 40_000
RATE, SECONDS = 500, 3.0
ROOT = Path(__file__).resolve().parent.parent.parent

Push = Callable[[Any], Awaitable[None] | None]


class Sink:
    """Counts the events that come out at the end, and records when."""

    def __init__(self, target: int) -> None:
        self.count = 0
        self.target = target
        self.times: list[float] = []
        self.done = asyncio.get_running_loop().create_future()

    def __call__(self, event: Any) -> None:
        self.count += 1
        self.times.append(time.perf_counter())
        if self.count == self.target:
            self.done.set_result(None)


def same(event: Any) -> Any:
    return event


def yes(event: Any) -> bool:
    return True


async def ours(sink: Sink) -> Push:
    """Run our runtime, with its bounded edges, counters, ages and verdicts."""
    from typing import Never

    from reactivex import Observable
    from reactivex import operators as ops
    from reactivex.subject import Subject

    from graphs.engine.flow.runtime import Runtime
    from graphs.engine.log.engine_log import EngineLog
    from schemas.chat import ViewerEvent
    from tests.graphs.engine.stage import REGISTRY, Nothing, graph_of, sample

    source: Subject[ViewerEvent] = Subject()

    @sample("bench.source")
    def bench_source(config: Nothing) -> Observable[ViewerEvent]:
        return source

    @sample("bench.map")
    def bench_map(config: Nothing, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
        return chat.pipe(ops.map(same))

    @sample("bench.filter")
    def bench_filter(config: Nothing, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
        return chat.pipe(ops.filter(yes))

    @sample("bench.sink")
    def bench_sink(config: Nothing, chat: Observable[ViewerEvent]) -> Observable[Never]:
        return chat.pipe(ops.do_action(sink), ops.ignore_elements())

    names = ["source", *(f"n{number}" for number in range(STAGES)), "sink"]
    types = ["bench.source", *(["bench.map", "bench.filter"] * (STAGES // 2)), "bench.sink"]
    wires = [f"{one} -> {two}" for one, two in pairwise(names)]
    graph = graph_of(dict(zip(names, types, strict=True)), *wires)
    runtime = Runtime(graph, REGISTRY, root=ROOT, log=EngineLog(quiet=True))
    await runtime.start()
    await asyncio.sleep(0.01)
    return source.on_next


async def subjects(sink: Sink) -> Push:
    """Run bare reactivex: a Subject between every two operators; nothing is bounded, counted or isolated."""
    from reactivex import operators as ops
    from reactivex.subject import Subject

    stages: list[Subject[Any]] = [Subject() for _ in range(STAGES + 2)]
    for number in range(STAGES):
        operator = ops.map(same) if number % 2 == 0 else ops.filter(yes)
        stages[number].pipe(operator).subscribe(stages[number + 1])
    stages[STAGES].subscribe(stages[STAGES + 1])
    stages[STAGES + 1].subscribe(sink)
    return stages[0].on_next


async def queues(sink: Sink) -> Push:
    """Run a task and an asyncio.Queue(100) for each stage."""
    stages: list[asyncio.Queue[Any]] = [asyncio.Queue(100) for _ in range(STAGES + 1)]

    async def work(number: int) -> None:
        while True:
            event = await stages[number].get()
            if number % 2 == 0:
                event = same(event)
            elif not yes(event):
                continue
            await stages[number + 1].put(event)

    async def end() -> None:
        while True:
            sink(await stages[STAGES].get())

    sink.tasks = [asyncio.ensure_future(work(number)) for number in range(STAGES)] + [asyncio.ensure_future(end())]
    return stages[0].put


async def pipecat(sink: Sink) -> Push:
    """Run ten FrameProcessors in a pipeline, with its optional observers off."""
    from dataclasses import dataclass

    from loguru import logger

    logger.remove()
    from pipecat.frames.frames import DataFrame
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.runner import PipelineRunner
    from pipecat.pipeline.worker import PipelineWorker
    from pipecat.processors.frame_processor import FrameProcessor

    @dataclass
    class EventFrame(DataFrame):
        event: Any = None

    class Stage(FrameProcessor):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

        async def process_frame(self, frame: Any, direction: Any) -> None:
            await super().process_frame(frame, direction)
            if isinstance(frame, EventFrame):
                if self.number % 2 == 0:
                    frame.event = same(frame.event)
                elif not yes(frame.event):
                    return
            await self.push_frame(frame, direction)

    started = asyncio.Event()

    class Last(FrameProcessor):
        async def process_frame(self, frame: Any, direction: Any) -> None:
            await super().process_frame(frame, direction)
            if isinstance(frame, EventFrame):
                sink(frame.event)
            else:
                started.set()
            await self.push_frame(frame, direction)

    first = Stage(0)
    pipeline = Pipeline([first, *(Stage(number) for number in range(1, STAGES)), Last()])
    worker = PipelineWorker(
        pipeline,
        idle_timeout_secs=None,
        enable_rtvi=False,
        enable_turn_tracking=False,
        check_dangling_tasks=False,
        cancel_on_idle_timeout=False,
    )
    sink.tasks = [asyncio.ensure_future(PipelineRunner(handle_sigint=False).run(worker))]
    await asyncio.wait_for(started.wait(), 20)

    async def push(event: Any) -> None:
        frame = EventFrame()
        frame.event = event
        await first.queue_frame(frame)

    return push


ROWS: dict[str, Callable[[Sink], Awaitable[Push]]] = {
    "aischoco": ours,
    "reactivex subjects": subjects,
    "asyncio.Queue(100)": queues,
    "pipecat": pipecat,
}


def events(count: int, label: str) -> list[Any]:
    try:
        from schemas.chat import ChatMessage
    except ImportError:
        return list(range(count))
    return [ChatMessage(id=f"{label}{number}", author="a") for number in range(count)]


async def cost(make: Callable[[Sink], Awaitable[Push]]) -> float:
    """Measure the CPU microseconds of an event through the whole chain, pushed in bursts of 64; best of three."""
    sink = Sink(0)
    push = await make(sink)
    best = float("inf")
    for run in range(3):
        batch = events(EVENTS, f"c{run}-")
        sink.count, sink.target, sink.times = 0, EVENTS, []
        sink.done = asyncio.get_running_loop().create_future()
        gc.collect()
        gc.disable()
        started = time.process_time()
        for number, event in enumerate(batch):
            waiting = push(event)
            if waiting is not None:
                await waiting
            if number % 64 == 63:
                await asyncio.sleep(0)
                while sink.count < number - 256:
                    await asyncio.sleep(0)
        await asyncio.wait_for(sink.done, 120)
        best = min(best, (time.process_time() - started) / EVENTS)
        gc.enable()
    return best * 1e6


async def latency(make: Callable[[Sink], Awaitable[Push]]) -> tuple[float, float]:
    """Measure the microseconds from push to sink at 500 events a second: median and 99th percentile."""
    count = int(RATE * SECONDS)
    sink = Sink(count)
    push = await make(sink)
    pushed: list[float] = []
    begun = time.perf_counter() + 0.1
    for number, event in enumerate(events(count, "l")):
        await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
        pushed.append(time.perf_counter())
        waiting = push(event)
        if waiting is not None:
            await waiting
    await asyncio.wait_for(sink.done, 60)
    took = sorted(end - start for start, end in zip(pushed, sink.times, strict=True))
    return statistics.median(took) * 1e6, took[int(0.99 * count)] * 1e6


def measure(name: str) -> dict[str, float]:
    result: dict[str, float] = {}

    async def run() -> None:
        result["cpu_us"] = await cost(ROWS[name])

    async def pace() -> None:
        result["p50_us"], result["p99_us"] = await latency(ROWS[name])

    for story in (run, pace):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(story())
        for task in asyncio.all_tasks(loop):
            task.cancel()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipecat", metavar="PYTHON", help="interpreter that has pipecat-ai")
    parser.add_argument("--one", choices=ROWS, help=argparse.SUPPRESS)
    figures.options(parser)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one)))
        sys.stdout.flush()
        import os

        os._exit(0)
    kept: dict[str, float] = {}
    print(f"{'':20} {'us/event':>9} {'events/s':>10} {'p50 us':>8} {'p99 us':>8}")
    for name in ROWS:
        python = arguments.pipecat if name == "pipecat" else sys.executable
        if python is None:
            continue
        done = subprocess.run(
            [python, "-m", "tests.bench.engine", "--one", name], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(f"{name:20} failed: {done.stderr.strip().splitlines()[-1:]}")
            continue
        row = json.loads(done.stdout.strip().splitlines()[-1])
        rate = 1e6 / row["cpu_us"]
        print(f"{name:20} {row['cpu_us']:9.2f} {rate:10,.0f} {row['p50_us']:8.0f} {row['p99_us']:8.0f}")
        kept |= {f"{name} {unit.replace('_', ' ')}": row[unit] for unit in ("cpu_us", "p50_us", "p99_us")}
    figures.done(arguments, "engine", kept)


if __name__ == "__main__":
    main()
