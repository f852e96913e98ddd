"""Runs a graph in the foreground until it is asked to stop."""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from graphs.engine.books.own_folder import kept_in, own_folder
from graphs.engine.broadcast import Broadcast, on_air
from graphs.engine.commands import OWN
from graphs.engine.commands._usage import positive
from graphs.engine.commands.running import garbage, timers
from graphs.engine.commands.running.closing import closing
from graphs.engine.commands.running.retention import keep_days, tidy
from graphs.engine.commands.running.signals import on_signals
from graphs.engine.commands.running.streams import pass_over
from graphs.engine.flow.files import shown
from graphs.engine.language.cut import bus_settings, cut
from graphs.engine.language.env import environment
from graphs.engine.language.read import read_graph
from graphs.engine.log import windows_console
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.log.private import as_the_user_wants, keep_private
from graphs.engine.web import address
from nodes import broken, types
from nodes.loading import told
from nodes.phrases import described, phrase, said_by
from schemas.command import FAILED, OK
from schemas.graph import Graph, GraphError

DEFAULT_GRAPH = Path("graphs") / "demo.yaml"


def main(words: Sequence[str], root: Path) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="aischoco.py run", description=described(OWN["run"]))
    parser.add_argument(
        "graph",
        nargs="?",
        type=Path,
        help=phrase("a YAML file; {file} if none is named", file=DEFAULT_GRAPH.as_posix()),
    )
    parser.add_argument(
        "--for", dest="seconds", type=positive(), metavar="SECONDS", help=phrase("end by itself after so long")
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help=phrase("write counts, verdicts and times as JSON at the end")
    )
    parser.add_argument(
        "--at", metavar="PLACE", help=phrase("run only the nodes at this place of the graph (needs a NATS server)")
    )
    parser.add_argument("--no-open", action="store_true", help=phrase("do not open the page in a browser"))
    parser.add_argument("--page", default="", metavar="NAME", help=phrase("the page to open: start, dock, graph"))
    arguments = parser.parse_args(words)
    graph: Path = arguments.graph or root / DEFAULT_GRAPH
    return run(
        graph,
        root,
        seconds=arguments.seconds,
        report=arguments.report,
        open_page=not arguments.no_open,
        page=arguments.page,
        at=arguments.at,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What ``run`` was asked for."""

    file: Path
    root: Path
    seconds: float | None
    report: Path | None
    open_page: bool
    page: str
    place: str | None
    read: Callable[[Path], Graph]


def run(
    path: Path,
    root: Path,
    *,
    seconds: float | None = None,
    report: Path | None = None,
    open_page: bool = True,
    page: str = "",
    at: str | None = None,
) -> int:
    """Run the graph in ``path`` until Ctrl-C, SIGTERM or the end of ``seconds``.

    Args:
        page: the page to open, such as ``start``; empty for the first one.
        at: run only the nodes at this place; None for all of them, in this process.

    Returns:
        0, or 1 when the graph could not be read or started, or its report could not be written.
    """
    written = report.resolve() if report is not None else None
    asked = _Asked(path.absolute(), root, seconds, written, open_page, page, at, partial(_read, root=root, at=at))
    os.chdir(root)
    try:
        graph = _read(Path(shown(asked.file, root)), root=root, at=at)
    except GraphError as error:
        print(error, file=sys.stderr)
        return 1
    pass_over()
    with timers.on_time(), windows_console.awake(), asyncio.Runner(loop_factory=timers.new_loop) as runner:
        return runner.run(_run(graph, asked))


def _read(path: Path, *, root: Path, at: str | None) -> Graph:
    graph = read_graph(path, root)
    return graph if at is None else cut(graph, at, types, bus_settings(environment(root)))


def _port(env: Mapping[str, str]) -> int:
    """The port of its page, which tells shows of one folder apart; a wrong one is reported when the page is made."""
    try:
        return address.address(env)[1]
    except ValueError:
        return address.PORT


async def _run(graph: Graph, asked: _Asked) -> int:
    env, history = environment(asked.root), asked.root / "history"
    folder, held = own_folder(history, f"at-{asked.place or _port(env)}")
    await asyncio.to_thread(keep_private, folder)
    log = EngineLog(history=folder, env=env)
    if folder != history:
        kept = f"history/{folder.name}"
        log.info(phrase("The second show of this folder: it keeps its memory and records in {folder}.", folder=kept))
    ended = asyncio.Event()
    asyncio.get_running_loop().set_default_executor(_NotWaitedFor(thread_name_prefix="aischoco-aside"))
    for line in told(broken):
        log.warning(line)

    def read(path: Path) -> Graph:
        return kept_in(folder, asked.read(path), asked.root)

    try:
        async with AsyncExitStack() as airtime:
            graph = kept_in(folder, graph, asked.root)
            journal = folder / "journal" / f"{graph.name}.jsonl"
            show = on_air(graph, asked.file, read, root=asked.root, env=env, log=log, journal=journal, hang=folder)
            on_signals(ended)
            try:
                on = await airtime.enter_async_context(show)
            except Exception as error:
                log.warning(phrase("{file}: could not start: {why}", file=graph.file, why=said_by(error)))
                return FAILED
            airtime.callback(garbage.take_back)
            settling = asyncio.create_task(garbage.tidy(asyncio.sleep, asyncio.to_thread), name="garbage")
            airtime.callback(settling.cancel)
            in_thread = asyncio.get_running_loop().run_in_executor
            in_thread(None, tidy, history / "sessions", keep_days(env, log.warning), log.info)
            _announce(graph, on, log)
            if on.page and asked.open_page:
                in_thread(None, webbrowser.open, f"{on.page}/{asked.page}/" if asked.page else on.page)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(asked.seconds):
                    await ended.wait()
        done = on.report()
        log.info(closing(done, on.runtime.files.recorded))
        return OK if asked.report is None or _write(asked.report, done) else FAILED
    finally:
        log.close()
        if held is not None:
            os.close(held)


def _announce(graph: Graph, on: Broadcast, log: EngineLog) -> None:
    log.info(phrase("{graph}: running. Ctrl-C ends it.", graph=graph.name))
    if on.page:
        pages = [phrase("page: {address}", address=f"{on.page}/")]
        if any(each.type == "overlay.dock" for each in graph.nodes.values()):
            pages.append(phrase("dock: {address}", address=f"{on.page}/dock"))
        pages.append(phrase("graph: {address}", address=f"{on.page}/graph"))
        pages.append(phrase("OBS browser source: {address}", address=f"{on.page}/?obs"))
        log.info("   ".join(pages))
        if not on.web.local:
            # not through the log, which removes secrets
            there = f"{address.foreign(on.web)}/?key={on.web.access.key}"
            print(phrase("from another device: {address}", address=there), file=sys.stderr)


def _write(path: Path, done: dict[str, Any]) -> bool:
    try:
        with as_the_user_wants():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(done, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        print(phrase("{file}: the report could not be written: {why}", file=path, why=error), file=sys.stderr)
        return False
    return True


class _NotWaitedFor(ThreadPoolExecutor):
    """Threads for side tasks such as opening a browser: nothing waits at the end for one that hangs."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - as asyncio calls it
        super().shutdown(wait=False, cancel_futures=True)
