"""Rehearses in real time: the graph is the real one, its chat invented, its sound and its memory switched off."""

import asyncio
import socket
import threading
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from reactivex.disposable import Disposable

from graphs.engine.commands.running.closing import length
from graphs.engine.commands.running.signals import on_signals
from graphs.engine.language.env import environment
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe.api import serve
from graphs.engine.offline.crowd import Crowd, crowd
from graphs.engine.offline.play import Played, Playing, played
from graphs.engine.offline.recording import Recording
from graphs.engine.offline.stand_ins import source_only
from graphs.engine.web.address import HOST, address
from graphs.engine.web.server import LocalWeb
from nodes import load_all
from nodes.phrases import phrase
from schemas.graph import Graph

QUIET: dict[str, Any] = {"device": "none", "mute": True, "record": False, "history": None}
"""Settings changed in every node for a rehearsal: nothing is heard, and nothing is remembered."""
LOOK_S = 0.05
EVERY_S, LINES_OF_PROGRESS = 5.0, 20
"""A line about how far it is comes this often at most, and this many times at most."""
BAR = 10


def muted(graph: Graph) -> Graph:
    """Give the graph with its output switched off."""
    nodes = {}
    for name, entry in graph.nodes.items():
        known = {key: value for key, value in QUIET.items() if key in type(entry.settings).model_fields}
        nodes[name] = replace(entry, settings=entry.settings.model_copy(update=known)) if known else entry
    return replace(graph, nodes=nodes)


async def live(
    graph: Graph,
    how: Crowd,
    root: Path,
    seed: int,
    texts: Sequence[str] = (),
    *,
    ended: asyncio.Event | None = None,
    on_page: Callable[[str], object] = lambda _: None,
) -> Played:
    """Rehearse on the running loop, in the loop's time, with its pages and a line now and then about how far it is.

    Args:
        ended: ends it earlier once it is set.
        on_page: called with the address of the page, if the graph has one.

    Raises:
        NotBuilt: the first node that could not be built.
    """
    env = environment(root)
    log = EngineLog(env=env)
    graph = muted(graph)
    ended = ended or asyncio.Event()
    how = replace(how, character=graph.character)
    recording = Recording(crowd(how, seed, texts, round(datetime.now().timestamp() * 1000)))
    registry = source_only(load_all(), graph, recording)

    web = LocalWeb(HOST, _port(env), log, root=root)

    async def until(playing: Playing) -> None:
        runtime = playing.runtime
        seen = serve(runtime, web) if web.started else Disposable()
        try:
            log.info(_opening(graph, how, web))
            if web.started:
                on_page(web.url)
            last, every = 0.0, max(EVERY_S, how.seconds / LINES_OF_PROGRESS)
            while not ended.is_set() and runtime.now() < how.seconds:
                await asyncio.sleep(LOOK_S)
                if runtime.now() >= last + every:
                    last = runtime.now()
                    log.info(progress(last, how.seconds, runtime.ledger.counts()))
        finally:
            seen.dispose()

    return await played(graph, registry, root, log, until, web=web, seed=seed, settle_s=0.0)


def _port(env: Mapping[str, str]) -> int:
    """Return the port of the show's page, or any other if that is taken."""
    try:
        port = address(env)[1]
        with socket.socket() as probe:
            probe.bind((HOST, port))
    except (ValueError, OSError):
        return 0
    return port


def _opening(graph: Graph, how: Crowd, web: LocalWeb) -> str:
    told = phrase(
        "{graph}: a rehearsal of {length}. Invented viewers talk to the character. Ctrl-C ends it early.",
        graph=graph.name,
        length=length(how.seconds),
    )
    dock = f"   {phrase('dock: {url}', url=f'{web.url}/dock')}" if "/dock/" in web.pages else ""
    return f"{told} {phrase('page: {url}', url=f'{web.url}/')}{dock}" if web.started else told


def progress(now: float, whole: float, counts: Mapping[str, Any]) -> str:
    """Say in a line how far it is and what became of the viewers so far."""
    done = min(BAR, int(BAR * now / whole))
    passed = sum(counts["dropped"].values())
    told = phrase(
        "in {count} · answered {answered} · waiting {waiting} · passed over {passed}",
        count=counts["in"],
        answered=counts["answered"],
        waiting=counts["waiting"],
        passed=passed,
    )
    return f"{'■' * done}{'□' * (BAR - done)} {_clock(now)}/{_clock(whole)} · {told}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


async def attended(graph: Graph, how: Crowd, root: Path, seed: int, texts: Sequence[str], *, open_page: bool) -> Played:
    """Rehearse before a person, who may open the page and end it with Ctrl-C; see ``live``."""
    ended = asyncio.Event()
    undo = on_signals(ended)
    try:
        on_page = _opened if open_page else _ignored
        return await live(graph, how, root, seed, texts, ended=ended, on_page=on_page)
    finally:
        undo()


def _ignored(_: str) -> None: ...
def _opened(page: str) -> None:
    threading.Thread(target=webbrowser.open, args=(page,), daemon=True).start()  # some browsers do not return
