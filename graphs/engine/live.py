"""Keeps a running graph equal to its file: what is saved goes on air, what is wrong does not, what fails is undone."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from reactivex.disposable import CompositeDisposable

from graphs.engine.plan import plan
from graphs.engine.reload import Applied, Reloader, own
from graphs.engine.runtime import Runtime
from graphs.engine.watch import Watcher, read_twice
from nodes.services import Json
from schemas.graph import Graph, GraphError, Problem

GRACE_S = 1.5
"""A new instance that fails within so long takes its reload back."""
LOOK_S = 0.05
"""How often new instances are looked at meanwhile."""
HISTORY = 50

Wish = Literal["saved", "asked", "undo"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A graph that was on air."""

    generation: int
    time: str
    """Local time of day when it came, ISO 8601."""
    summary: str
    graph: Graph


class Live:
    """Watches the graph's file, ``.env`` and the files that nodes read, and applies what changes.

    Changes are applied one at a time; of those that come meanwhile only the newest.
    """

    def __init__(
        self,
        runtime: Runtime,
        file: Path,
        read: Callable[[], Graph],
        *,
        root: Path,
        grace_s: float = GRACE_S,
    ) -> None:
        """
        Args:
            runtime: started with the graph that ``read`` gave.
            file: the graph's file, absolute.
            read: reads and checks it, in a thread; raises ``GraphError``.
            root: the project folder, absolute; ``.env`` is in it.
        """
        self.problems: list[Problem] = []
        """What keeps the graph's file from being on air."""
        self.history: deque[Entry] = deque(maxlen=HISTORY)
        """Every graph that was applied, oldest first."""
        self.watcher = Watcher(self._paths, self._changed, runtime.log)
        self._runtime = runtime
        self._reloader = Reloader(runtime)
        self._file = file
        self._env = root / ".env"
        self._name = runtime.files.shown(file)
        self._read = read
        self._grace_s = grace_s
        self._broken: dict[Path, Sequence[Problem]] = {}
        self._last: Applied | None = None
        self._wish: Wish | None = None
        self._wished = asyncio.Event()
        self._current = own(runtime.graph)
        self._past: deque[Graph] = deque(maxlen=HISTORY)
        """What ``undo`` goes back to, the nearest last."""
        self._proven = self._current
        """The last graph whose new instances have stood their time."""
        self._proven_past: list[Graph] = []
        self._probation: dict[str, tuple[float, int]] = {}
        """New instance -> (until when it is watched, failures before it)."""
        self._tasks: list[asyncio.Task[Any]] = []
        self._routes = CompositeDisposable()
        self._note("started", self._reloader.generation)

    # From outside.

    def start(self) -> None:
        """Begin to watch, and answer at ``/api/reload`` where there is a web server."""
        runtime = self._runtime
        self._tasks = [runtime.spawn(self._work(), "reload"), runtime.spawn(self.watcher.run(), "watch")]
        if runtime.web is not None:
            self._routes.add(runtime.web.get("/api/reload", self._get))
            self._routes.add(runtime.web.post("/api/reload", self._post))

    async def close(self) -> None:
        """Stop watching; before the runtime stops. A reload under way is broken off."""
        self._routes.dispose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reload(self) -> None:
        """Read the graph's file now, changed or not."""
        self._want("asked")

    def undo(self) -> None:
        """Go back to the graph before the one that is on air.

        Raises:
            ValueError: there is none.
        """
        if not self._past:
            raise ValueError("there is nothing to undo: the graph is the one that was started")
        self._want("undo")

    def status(self) -> dict[str, Any]:
        """All of it as JSON."""
        problems = [*self.problems, *(problem for found in self._broken.values() for problem in found)]
        last = self._last
        return {
            "generation": self._reloader.generation,
            "ok": not problems,
            "file": self._name,
            "problems": [
                {
                    "file": problem.file,
                    "line": problem.line,
                    "column": problem.column,
                    "message": problem.message,
                    "hint": problem.hint,
                }
                for problem in problems
            ],
            "undo": bool(self._past),
            "last": last and {"summary": last.summary, "seconds": round(last.seconds, 4), "forced": list(last.forced)},
            "history": [
                {"generation": entry.generation, "time": entry.time, "summary": entry.summary} for entry in self.history
            ],
        }

    def _get(self, _: Mapping[str, str]) -> Json:
        return self.status()

    def _post(self, said: Mapping[str, Any]) -> Json:
        undo = said.get("undo", False)
        if not isinstance(undo, bool):
            raise ValueError('"undo" is true or false')
        if undo:
            self.undo()
        else:
            self.reload()
        return {"accepted": True, "generation": self._reloader.generation}

    # What the watcher asks and tells.

    def _paths(self) -> set[Path]:
        return {self._file, self._env, *self._runtime.files.watched}

    async def _changed(self, path: Path) -> None:
        files = self._runtime.files
        if path in (self._file, self._env):
            self._want("saved")
        if path not in files.watched:
            return

        async def refresh() -> Sequence[Problem]:
            return files.refresh(path)

        problems = await read_twice(path, refresh)
        for problem in problems:
            if problem not in self._broken.get(path, ()):
                where = f"{problem.file}:{problem.line}"
                self._runtime.log.warning(f"{where}: {problem.message}; its last good content stays")
        if problems:
            self._broken[path] = problems
        elif self._broken.pop(path, None):
            self._runtime.log.info(f"{files.shown(path)}: is good again")

    def _want(self, wish: Wish) -> None:
        self._wish = wish
        self._wished.set()

    # The one who applies.

    async def _work(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wished.wait(), LOOK_S if self._probation else None)
            self._wished.clear()
            wish, self._wish = self._wish, None
            try:
                if wish == "undo":
                    await self._undo()
                elif wish is not None:
                    await self._reload(wish)
                await self._look_after_new_ones()
            except Exception as error:
                self._runtime.log.warning(f"{self._name}: the change failed: {error!r}")

    async def _reload(self, wish: Wish) -> None:
        read: list[Graph] = []

        async def attempt() -> Sequence[Problem]:
            try:
                read.append(await asyncio.to_thread(self._read))
            except GraphError as error:
                return [replace(problem, file=self._name) for problem in error.problems]
            return ()

        problems = await read_twice(self._file, attempt)
        if problems:
            self._reject(problems)
            return
        new = read[-1]
        if plan(self._current, new).empty:
            if self.problems or wish == "asked" or new.text != self._current.text:
                self._runtime.log.info(f"{self._name}: nothing to change")
            self._current = replace(self._current, text=new.text)
            self.problems = []
            return
        before = self._current
        if await self._apply(new, "reloaded"):
            self._past.append(before)

    async def _undo(self) -> None:
        if self._past and await self._apply(self._past[-1], "undone"):
            self._past.pop()
            self._runtime.log.info(f"{self._name} on disk still holds the newer graph; the next save of it goes on air")

    async def _look_after_new_ones(self) -> None:
        """Take the changes back that are not proven yet if a node that they made new has failed."""
        now, stations = self._runtime.now(), self._runtime.stations
        failing = [name for name, (_, errors) in self._probation.items() if stations[name].errors > errors]
        if failing and not plan(self._current, self._proven).empty:
            await self._roll_back(failing)
        self._probation = {name: watch for name, watch in self._probation.items() if now < watch[0]}
        if not self._probation:
            self._proven, self._proven_past = self._current, list(self._past)

    async def _roll_back(self, failing: Sequence[str]) -> None:
        nodes, stations = self._current.nodes, self._runtime.stations
        problems = [
            Problem(self._name, nodes[name].line, 1, f"{name} ({nodes[name].type}) failed: {stations[name].last_error}")
            for name in failing
        ]
        if await self._apply(self._proven, "rolled back", "; ".join(problem.message for problem in problems)):
            self.problems = problems
            self._past = deque(self._proven_past, HISTORY)
        self._probation = {}

    async def _apply(self, new: Graph, how: str, why: str = "") -> bool:
        runtime = self._runtime
        try:
            applied = await self._reloader.apply(new)
        except Exception as error:
            self._reject([self._built_wrong(new, error)])
            return False
        self._current, self._last, self.problems = new, applied, []
        until = runtime.now() + self._grace_s
        self._probation = {
            **{name: watch for name, watch in self._probation.items() if name in new.nodes},
            **{name: (until, errors) for name, errors in applied.fresh.items()},
        }
        self._note(f"{how}: {why or applied.summary}", applied.generation)
        say = runtime.log.warning if why else runtime.log.info
        forced = f"; ended by force: {', '.join(applied.forced)}" if applied.forced else ""
        took = f"#{applied.generation} in {applied.seconds * 1000:.0f} ms"
        say(f"{how} {took}: {f'{why}; now ' if why else ''}{applied.summary}{forced}")
        self.watcher.look()
        return True

    def _reject(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        for problem in problems:
            self._runtime.log.warning(str(problem))
        self._runtime.log.warning(f"{self._name}: not applied; the running graph goes on as it was")

    def _built_wrong(self, graph: Graph, error: Exception) -> Problem:
        notes = getattr(error, "__notes__", ())
        for entry in graph.nodes.values():
            if f"in node {entry.name!r} ({entry.type})" in notes:
                return Problem(self._name, entry.line, 1, f"{entry.name} ({entry.type}) cannot start: {error}")
        return Problem(self._name, 1, 1, f"cannot start: {error}")

    def _note(self, summary: str, generation: int) -> None:
        now = datetime.now().isoformat(timespec="seconds")
        self.history.append(Entry(generation, now, summary, self._current))
