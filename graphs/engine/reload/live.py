"""Keeps a running graph equal to its file: a saved change goes on air, a wrong one does not, a failing one is undone.

``switch`` follows another file from then on: it is a reload that also changes which file is followed.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.plan import plan
from graphs.engine.reload.choices import as_json
from graphs.engine.reload.progress import Progress, outcome
from graphs.engine.reload.reloader import Applied, Reloader, own
from graphs.engine.reload.versions import Entry, Version, Wish, told_of
from graphs.engine.reload.watch import Watcher, read_twice
from nodes import broken
from nodes.loading import told
from nodes.phrases import joined, phrase, reason_of
from nodes.written import contents
from schemas.graph import Graph, GraphError, Problem

GRACE_S = 1.5
"""If a new instance fails within this many seconds, its reload is rolled back."""
CHECK_S = 30.0  # a graph that is not read and checked by then is given up
LOOK_S = 0.05
"""Seconds between two looks at the new instances during that time."""
HISTORY = 50


class Live:
    """Watches the graph's file, ``.env`` and the files that nodes read, and applies their changes.

    Changes are applied one at a time; of those that arrive in the meantime, only the newest is applied.
    """

    def __init__(
        self,
        runtime: Runtime,
        file: Path,
        read: Callable[[Path], Graph],
        *,
        root: Path,
        grace_s: float = GRACE_S,
    ) -> None:
        """
        Args:
            runtime: already started, with the graph that ``read`` returned.
            file: the graph's file, absolute.
            read: reads and checks a file, in a thread; raises ``GraphError``.
            root: the project folder, absolute; ``.env`` is in it.
        """
        self.problems: list[Problem] = []
        """The problems that keep the graph's file, or the file to switch to, off the air."""
        self.history: deque[Entry] = deque(maxlen=HISTORY)
        """The graphs that were applied, oldest first."""
        self.watcher = Watcher(self._paths, self._changed, runtime.log)
        self._runtime = runtime
        self._reloader = Reloader(runtime)
        self._progress = Progress(runtime, self._reloader.ending)
        self._env = root / ".env"
        self._read = read
        self._grace_s = grace_s
        self._broken: dict[Path, Sequence[Problem]] = {}
        self._last: Applied | None = None
        self._wish: Wish | None = None
        self._wished = asyncio.Event()
        self._current = Version(file, own(runtime.graph))
        self.asked = 0
        """Number of changes requested so far."""
        self._done = 0
        """How many of these requests were handled or replaced by a later one."""
        self._decided = asyncio.Event()
        self._past: deque[Version] = deque(maxlen=HISTORY)
        """The versions that ``undo`` goes back to, most recent last."""
        self._proven = self._current
        """The last graph whose new instances all outlasted the time in which they are watched."""
        self._proven_past: list[Version] = []
        self._probation: dict[str, tuple[float, int]] = {}
        """Node with a new instance -> (time until which it is watched, failures of the node before it)."""
        self._tasks: list[asyncio.Task[Any]] = []
        self._note("started", self.generation)

    # Called from outside.

    @property
    def file(self) -> Path:
        """The file that is followed."""
        return self._current.file

    @property
    def generation(self) -> int:
        return self._reloader.generation

    def start(self) -> None:
        """Begin to watch the files."""
        self._tasks = [self._runtime.spawn(self._work(), "reload"), self._runtime.spawn(self.watcher.run(), "watch")]

    async def close(self) -> None:
        """Stop watching; call it before the runtime stops. A reload in progress is aborted."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reload(self) -> None:
        """Read the graph's file now, changed or not."""
        self._want("asked")

    def switch(self, file: Path) -> None:
        """Follow another file (absolute) from now on if its graph is valid; otherwise nothing changes."""
        self._want(file)

    def undo(self) -> None:
        """Go back to the graph that was on air before the present one, and to its file.

        Raises:
            ValueError: there is no earlier graph.
        """
        if not self._past:
            raise ValueError(phrase("there is nothing to undo: the graph is the one that was started"))
        self._want("undo")

    async def decided(self, asked: int) -> None:
        """Wait until the first ``asked`` requests have been handled or replaced by later ones."""
        while self._done < asked:
            await self._decided.wait()

    def status(self) -> dict[str, Any]:
        """Return the whole state as JSON."""
        problems = [*self.problems, *(problem for found in self._broken.values() for problem in found)]
        return {
            "generation": self.generation,
            "ok": not problems,
            "file": self._shown(),
            "asked": self.asked,
            "done": self._done,
            "problems": as_json(problems),
            "undo": bool(self._past),
            "undo_file": self._shown(self._past[-1].file) if self._past else None,
            "changing": self._progress.report(),
            "last": outcome(self._last),
            "history": [entry.report() for entry in self.history],
        }

    # Called by the watcher.

    def _paths(self) -> set[Path]:
        """Return the files to watch.

        Those of past graphs are included, so that returning to one does not make the watcher read it as a new file.
        """
        past = (version.file for version in (*self._past, *self._proven_past, self._proven))
        return {self.file, self._env, *past, *self._runtime.files.watched}

    async def _changed(self, path: Path) -> None:
        files = self._runtime.files
        if path in (self.file, self._env) and not isinstance(self._wish, Path):
            self._want("saved")
        if path not in files.watched:
            return

        async def refresh() -> Sequence[Problem]:
            try:
                return files.refresh(path, await self.watcher.looks(contents, path))
            except OSError as error:
                return [files.unreadable(path, error)]

        problems = await read_twice(path, refresh, self.watcher.looks)
        for problem in problems:
            if problem not in self._broken.get(path, ()):
                where = f"{problem.file}:{problem.line}"
                text = phrase("{file}: {what}; its last good content stays", file=where, what=problem.message)
                self._runtime.log.warning(text)
        if problems:
            self._broken[path] = problems
        elif self._broken.pop(path, None):
            self._runtime.log.info(phrase("{file}: is good again", file=files.shown(path)))

    def _want(self, wish: Wish) -> None:
        self._wish = wish
        self.asked += 1
        self._wished.set()

    # Applying changes.

    async def _work(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S if self._probation else None):
                    await self._wished.wait()
            self._wished.clear()
            wish, self._wish = self._wish, None
            asked = self.asked
            try:
                if wish == "undo":
                    await self._undo()
                elif wish is not None:
                    await self._reload(wish if isinstance(wish, Path) else self.file, asked=wish != "saved")
                await self._look_after_new_ones()
            except Exception as error:
                text = phrase("{file}: the change failed: {why}", file=self._shown(), why=repr(error))
                self._runtime.log.warning(text)
            self._done = asked
            self._decided.set()
            self._decided = asyncio.Event()

    async def _reload(self, file: Path, *, asked: bool) -> None:
        name = self._shown(file)
        read: list[Graph] = []

        async def attempt() -> Sequence[Problem]:
            try:
                read.append(await self.watcher.looks(self._read, file, CHECK_S))
            except OSError as error:
                return [Problem(name, 1, 1, phrase("cannot be read: {why}", why=reason_of(error)))]
            except GraphError as error:
                return [replace(problem, file=name) for problem in error.problems]
            return ()

        problems = await read_twice(file, attempt, self.watcher.looks)
        for line in told(broken):
            self._runtime.log.warning(line)
        if problems:
            self._reject(problems, name)
            return
        before, new = self._current, Version(file, read[-1])
        if new.graph.note:
            self._runtime.log.warning(f"{name}: {new.graph.note}")
        if file == before.file and plan(before.graph, new.graph).empty:
            if self.problems or asked or new.graph.text != before.graph.text:
                self._runtime.log.info(phrase("{file}: nothing to change", file=name))
            self._current = replace(before, graph=replace(before.graph, text=new.graph.text))
            self.problems = []
            return
        how = phrase("reloaded") if file == before.file else phrase("switched to {file}", file=name)
        if await self._apply(new, how):
            self._past.append(before)

    async def _undo(self) -> None:
        before = self.file
        if self._past and await self._apply(self._past[-1], phrase("undone")):
            self._past.pop()
            if self.file == before:
                text = phrase("{file} still holds the newer graph; its next save goes on air", file=self._shown())
                self._runtime.log.info(text)

    async def _look_after_new_ones(self) -> None:
        """Roll back changes that are not yet proven if a node with a new instance has failed."""
        now, stations = self._runtime.now(), self._runtime.stations
        failing = [name for name, (_, errors) in self._probation.items() if stations[name].errors > errors]
        if failing and not plan(self._current.graph, self._proven.graph).empty:
            await self._roll_back(failing)
        self._probation = {name: watch for name, watch in self._probation.items() if now < watch[0]}
        if not self._probation:
            self._proven, self._proven_past = self._current, list(self._past)

    async def _roll_back(self, failing: Sequence[str]) -> None:
        stations, file = self._runtime.stations, self._shown()
        problems = [self._current.failed(file, name, stations[name].last_error) for name in failing]
        if await self._apply(self._proven, phrase("rolled back"), joined(problem.message for problem in problems)):
            self.problems = problems
            self._past = deque(self._proven_past, HISTORY)
        self._probation = {}

    async def _apply(self, new: Version, how: str, why: str = "") -> bool:
        runtime = self._runtime
        try:
            with self._progress.to(new.file):
                applied = await self._reloader.apply(new.graph, hurry=new.file != self.file)
        except Exception as error:
            name = self._shown(new.file)
            self._reject([new.not_started(name, error)], name)
            return False
        self._current, self._last, self.problems = new, applied, []
        until = runtime.now() + self._grace_s
        self._probation = {
            **{name: watch for name, watch in self._probation.items() if name in new.graph.nodes},
            **{name: (until, errors) for name, errors in applied.fresh.items()},
        }
        self._note(phrase("{how}: {what}", how=how, what=why or applied.summary), applied.generation)
        say = runtime.log.warning if why else runtime.log.info
        say(told_of(applied, how, why))
        self.watcher.look()
        return True

    def _reject(self, problems: Sequence[Problem], name: str) -> None:
        self.problems = list(problems)
        for problem in problems:
            self._runtime.log.warning(str(problem))
        self._runtime.log.warning(phrase("{file}: not applied; the running graph goes on", file=name))

    def _shown(self, file: Path | None = None) -> str:
        return self._runtime.files.shown(file or self.file)

    def _note(self, summary: str, generation: int) -> None:
        self.history.append(Entry.of(generation, summary, self._current.graph))
