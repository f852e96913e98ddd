"""Keeps a graph on air: ``run`` keeps one there, a process of a fleet several.

Everything around a running graph starts here in one order: the page's server, the journal, the graph itself, changes
of its file, and the queries of a page or a person. It ends in the reverse order, even if the start fails or is
interrupted halfway.
"""

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphs.engine.books.at_work import AtWork
from graphs.engine.books.journal import Journal
from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.run_log import RunLog
from graphs.engine.observe.api import serve
from graphs.engine.observe.report import Memory, report
from graphs.engine.observe.watchdog import Watchdog
from graphs.engine.reload import desk, switchboard
from graphs.engine.reload.editor import Editor
from graphs.engine.reload.live import Live
from graphs.engine.studio import beginning
from graphs.engine.studio import served as studio
from graphs.engine.web import address
from graphs.engine.web.server import LocalWeb
from nodes import types
from schemas.graph import Graph


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A graph that is on air."""

    runtime: Runtime
    live: Live
    web: LocalWeb
    memory: Memory
    watchdog: Watchdog | None

    @property
    def page(self) -> str:
        """The address of its page; empty when none of its nodes has one."""
        return self.web.url if self.web.started else ""

    def state(self) -> dict[str, Any]:
        """Report the file it follows, how long it has run, and how many viewer events came in and were answered."""
        ledger = self.runtime.ledger
        return {
            "graph": self.runtime.files.shown(self.live.file),
            "seconds": round(self.runtime.now(), 1),
            "viewer_events": ledger.received_count,
            "answered": ledger.answered_count,
        }

    def report(self) -> dict[str, Any]:
        """Report what the run did; complete once it is off the air."""
        return report(self.runtime, self.memory, self.watchdog)


@contextmanager
def watched(log: RunLog, history: Path) -> Generator[Watchdog, None, None]:
    """Watch the running loop, and write what held it up to ``history/logs/hang.log``."""
    watchdog = Watchdog(log, history / "logs" / "hang.log")
    watchdog.start()
    try:
        yield watchdog
    finally:
        watchdog.dispose()


@asynccontextmanager
async def on_air(
    graph: Graph,
    file: Path,
    read: Callable[[Path], Graph],
    *,
    root: Path,
    env: Mapping[str, str],
    log: RunLog,
    journal: Path,
    at_work: AtWork | None = None,
    hang: Path | None = None,
) -> AsyncGenerator[Broadcast, None]:
    """Keep ``graph`` on air inside the block.

    Args:
        file: the absolute path of the graph's file; what is saved there goes on air.
        read: reads and checks a file, in a thread; raises ``GraphError``.
        journal: the file that keeps donations and subscriptions.
        at_work: notes when this show of several in a process is at work.
        hang: a history folder, for watching the loop as ``watched`` does once the graph runs; None if it is already
            watched elsewhere.

    Raises:
        ValueError: OVERLAY_PORT, OVERLAY_KEY or REMOTE_KEY is wrong.
        NotBuilt: a node cannot be built.
        OSError: the page cannot be served.
    """
    if graph.note:
        log.warning(f"{file.name}: {graph.note}")
    at_work = at_work or AtWork()
    web = address.web(env, log, root, around=at_work.steps)
    books = Journal(journal, log.warning)
    runtime = Runtime(graph, types, root=root, log=log, web=web, journal=books, at_work=at_work)
    async with AsyncExitStack() as ending:
        watching = AsyncExitStack()
        ending.push_async_callback(watching.aclose)  # the loop is watched until the graph has stopped
        ending.push_async_callback(runtime.stop)
        await runtime.start()
        watchdog = None if hang is None else watching.enter_context(watched(log, hang))
        memory = Memory()
        runtime.spawn(memory.watch(), "memory")
        live = Live(runtime, file, read, root=root)
        live.start()
        ending.push_async_callback(live.close)
        asked = serve(runtime, web, watchdog=watchdog, generation=lambda: live.generation, file=lambda: live.file)
        ending.callback(asked.dispose)
        ending.callback(switchboard.serve(runtime, live, web, root, read).dispose)
        editor = Editor(live, read, runtime.files.shown, root / "history", log)
        ending.callback(desk.serve(live, editor, web, root, read, runtime.files.shown).dispose)
        ending.callback(beginning.serve(runtime, live, editor, web, root, read).dispose)
        ending.callback(studio.serve(runtime, live, editor, web, root, read).dispose)
        yield Broadcast(runtime, live, web, memory, watchdog)
