"""Runs a graph in the foreground until it is told to stop."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from reactivex.disposable import CompositeDisposable

from graphs.engine.books.journal import Journal
from graphs.engine.commands import _garbage, _timers
from graphs.engine.commands._retention import keep_days, tidy
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.cut import bus_settings, cut
from graphs.engine.language.env import environment
from graphs.engine.language.read import read_graph
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe.api import serve
from graphs.engine.observe.report import Memory, report
from graphs.engine.observe.watchdog import Watchdog
from graphs.engine.reload import switchboard
from graphs.engine.reload.live import Live
from graphs.engine.web import address
from graphs.engine.web.server import LocalWeb
from nodes import load_all
from schemas.graph import Graph, GraphError

DEFAULT_GRAPH = Path("graphs") / "demo.yaml"


def main(words: Sequence[str], root: Path) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="aischoco.py run")
    parser.add_argument("graph", nargs="?", type=Path, help=f"a YAML file; {DEFAULT_GRAPH.as_posix()} if none is named")
    parser.add_argument("--for", dest="seconds", type=_positive, metavar="SECONDS", help="end by itself after so long")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write counts, verdicts and times as JSON at the end"
    )
    parser.add_argument(
        "--at", metavar="PLACE", help="run only the nodes at this place of the graph (needs a NATS server)"
    )
    parser.add_argument("--no-open", action="store_true", help="do not open the page in a browser")
    arguments = parser.parse_args(words)
    graph: Path = arguments.graph or root / DEFAULT_GRAPH
    return run(
        graph,
        root,
        seconds=arguments.seconds,
        report=arguments.report,
        open_page=not arguments.no_open,
        at=arguments.at,
    )


def _positive(text: str) -> float:
    seconds = float(text)
    if seconds <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return seconds


@dataclass(frozen=True, slots=True)
class _Asked:
    """What ``run`` was asked for."""

    file: Path
    root: Path
    seconds: float | None
    report: Path | None
    open_page: bool
    read: Callable[[Path], Graph]


def run(
    path: Path,
    root: Path,
    *,
    seconds: float | None = None,
    report: Path | None = None,
    open_page: bool = True,
    at: str | None = None,
) -> int:
    """Run the graph in ``path`` until Ctrl-C, SIGTERM or the end of ``seconds``.

    Args:
        at: run only the nodes at this place; None for all of them, in this process.

    Returns:
        0, or 1 when the graph could not be read or started, or its report not be written.
    """
    try:
        graph = _read(path, root=root, at=at)
    except GraphError as error:
        print(error, file=sys.stderr)
        return 1
    written = report.resolve() if report is not None else None
    asked = _Asked(path.absolute(), root, seconds, written, open_page, partial(_read, root=root, at=at))
    os.chdir(root)
    with _timers.on_time(), asyncio.Runner(loop_factory=_timers.new_loop) as runner:
        return runner.run(_run(graph, asked))


def _read(path: Path, *, root: Path, at: str | None) -> Graph:
    graph = read_graph(path, root)
    return graph if at is None else cut(graph, at, load_all(), bus_settings(environment(root)))


async def _run(graph: Graph, asked: _Asked) -> int:
    env = environment(asked.root)
    log = EngineLog(history=asked.root / "history", env=env)
    try:
        web = address.web(env, log, asked.root)
    except ValueError as error:
        print(error, file=sys.stderr)
        log.close()
        return 1
    journal = Journal(asked.root / "history" / "journal" / f"{graph.name}.jsonl", log.warning)
    runtime = Runtime(graph, load_all(), root=asked.root, log=log, web=web, journal=journal)
    ended = asyncio.Event()
    _on_signals(ended)
    try:
        await runtime.start()
    except Exception as error:
        log.warning(f"{graph.file}: could not start: {error}")
        await runtime.stop(0.0)
        log.close()
        return 1
    runtime.loop.run_in_executor(None, tidy, asked.root / "history" / "sessions", keep_days(env, log.warning), log.info)
    _announce(graph, web, log)
    if web.started and asked.open_page:
        runtime.loop.run_in_executor(None, webbrowser.open, web.url)
    written = await _stay(runtime, web, log, asked, ended)
    log.close()
    return 0 if written else 1


async def _stay(runtime: Runtime, web: LocalWeb, log: EngineLog, asked: _Asked, ended: asyncio.Event) -> bool:
    """Everything around a graph that runs, until its end; then it is stopped and its report written: whether it was."""
    memory = Memory()
    watchdog = Watchdog(log, asked.root / "history" / "logs" / "hang.log")
    watchdog.start()
    watch = runtime.spawn(memory.watch(), "memory")
    settling = runtime.spawn(_garbage.tidy(asyncio.sleep, asyncio.to_thread), "garbage")
    live = Live(runtime, asked.file, asked.read, root=asked.root)
    live.start()
    served = CompositeDisposable(
        serve(runtime, web, watchdog=watchdog, generation=lambda: live.generation, file=lambda: live.file),
        switchboard.serve(runtime, live, web, asked.root, asked.read),
    )
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(asked.seconds):
            await ended.wait()
    watch.cancel()
    settling.cancel()
    _garbage.take_back()
    served.dispose()
    await live.close()
    await runtime.stop()
    watchdog.dispose()
    return asked.report is None or _write(asked.report, report(runtime, memory, watchdog))


def _announce(graph: Graph, web: LocalWeb, log: EngineLog) -> None:
    log.info(f"{graph.name}: running. Ctrl-C ends it.")
    if web.started:
        log.info(f"page: {web.url}/   OBS browser source: {web.url}/?obs")
        if not web.local:
            # not by the log, which keeps no secrets
            print(f"다른 기기에서 (from another device): {address.foreign(web)}/?key={web.access.key}", file=sys.stderr)


def _write(path: Path, told: dict[str, Any]) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        print(f"{path}: 보고서를 쓰지 못했습니다. / the report could not be written: {error}", file=sys.stderr)
        return False
    return True


def _on_signals(ended: asyncio.Event) -> None:
    """The first signal asks for an orderly end, the second one kills."""
    loop = asyncio.get_running_loop()

    def stop(number: int, _: Any) -> None:
        if ended.is_set():
            os._exit(128 + number)
        loop.call_soon_threadsafe(ended.set)

    # signal.signal and not loop.add_signal_handler, which Windows does not have
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
