"""Changes the file of a graph for a page: edited, checked, written, on air, and never a change of somebody else lost.

A page says which text it has seen by its hash. If the file holds another one, nothing is written and both are returned.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from graphs.engine.editing.edits import Edit, edited
from graphs.engine.editing.script import Script
from graphs.engine.reload.kept import KeptTexts, base_of
from graphs.engine.reload.live import Live
from nodes import NodeSpec, types
from nodes.phrases import phrase, reason_of
from nodes.services import Log
from nodes.written import contents
from schemas.graph import Graph, GraphError, Problem

BUSY_S = 1.0
"""A file that another program keeps from being replaced (Windows) is tried again for this many seconds."""
AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a change."""

    status: Literal["applied", "refused", "conflict"]
    base: str = ""
    """The hash of the text that is in the file now."""
    changed: Sequence[str] = ()
    on_air: bool = False
    """Whether the graph on air is the one of the file; False too for a file that is not on air."""
    problems: Sequence[Problem] = ()
    """Why it was refused; if it was applied, why the file is not on air."""
    theirs: str | None = None
    """In a conflict, the text that the file holds now."""
    mine: str | None = None
    """In a conflict, the text that the page would have written; None if what it has seen is not kept any more."""


@dataclass(slots=True)
class _File:
    kept: KeptTexts
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Editor:
    """Makes one change of a file at a time."""

    def __init__(
        self,
        live: Live,
        read: Callable[[Path], Graph],
        shown: Callable[[Path], str],
        history: Path,
        log: Log,
        *,
        registry: Mapping[str, NodeSpec] = types,
    ) -> None:
        """
        Args:
            read: reads and checks a file; raises ``GraphError``.
            shown: gives a path as a person knows it.
            history: the folder of the project for what runs leave; the texts go to ``graphs/`` in it.
        """
        self._live = live
        self._read = read
        self._shown = shown
        self._history = history
        self._log = log
        self._registry = registry
        self._files: dict[Path, _File] = {}

    async def text(self, path: Path) -> tuple[str, str, KeptTexts]:
        """Return the text of a graph's file, its hash and what is kept of it.

        Raises:
            GraphError: it cannot be read.
        """
        file = await self._file(path)
        async with file.lock:
            raw = await asyncio.to_thread(self._now, path, file.kept)
        return Script(raw, self._shown(path)).text, base_of(raw), file.kept

    async def edit(self, path: Path, base: str, edits: Sequence[Edit]) -> Answer:
        """Make these edits of the text that has this hash, as one change."""

        def new(raw: bytes, _: KeptTexts) -> bytes:
            script = Script(raw, self._shown(path))
            return script.bytes(edited(script.text, self._shown(path), edits, self._registry))

        return await self._change(path, base, new, [each.told() for each in edits])

    async def write(self, path: Path, base: str, text: str) -> Answer:
        """Put a text, whose lines end with ``\\n``, in the place of the one that has this hash."""

        def new(raw: bytes, _: KeptTexts) -> bytes:
            return Script(raw, self._shown(path)).bytes(text)

        return await self._change(path, base, new, [phrase("text")])

    async def step(self, path: Path, base: str, by: Literal[-1, 1]) -> Answer:
        """Go one step back (-1) or forth (1), to exactly the bytes that the file had then."""
        name = self._shown(path)

        def new(_: bytes, kept: KeptTexts) -> bytes:
            there = kept.step(by)
            if there is None:
                raise GraphError(
                    [
                        Problem(
                            name,
                            1,
                            1,
                            phrase("there is nothing to undo") if by < 0 else phrase("there is nothing to redo"),
                        )
                    ]
                )
            return kept.raw(there)

        file = await self._file(path)
        text = file.kept.undone(by)
        what = list(text.what) if text is not None else []
        told = [phrase("undone: {what}", what=each) if by < 0 else phrase("redone: {what}", what=each) for each in what]
        return await self._change(path, base, new, told, by)

    async def _change(
        self,
        path: Path,
        base: str,
        new: Callable[[bytes, KeptTexts], bytes],
        what: Sequence[str],
        by: int = 0,
    ) -> Answer:
        file = await self._file(path)
        async with file.lock:
            answer = await asyncio.to_thread(self._replace, path, base, new, what, file.kept, by)
            if answer.status != "applied":
                return answer
            self._log.info(
                phrase("{file}: changed by a page: {what}", file=self._shown(path), what=", ".join(what) or "-")
            )
            if path != self._live.file:
                return answer
            self._live.reload()
            await self._live.decided(self._live.asked)
            return replace(answer, on_air=not self._live.problems, problems=tuple(self._live.problems))

    def _replace(
        self,
        path: Path,
        base: str,
        new: Callable[[bytes, KeptTexts], bytes],
        what: Sequence[str],
        kept: KeptTexts,
        by: int,
    ) -> Answer:
        """Write the new text if it is a good graph and the file still is as the page has seen it; blocking."""
        try:
            raw = self._now(path, kept)
            if base_of(raw) != base:
                return self._conflict(path, raw, base, new, kept)
            made = new(raw, kept)
            if made == raw:
                return Answer("applied", base, ())
            with beside(path, made) as new_file:
                self._checked(path, new_file)
                if contents(path) != raw:  # saved by hand while it was checked
                    return self._conflict(path, contents(path), base, new, kept)
                if by:
                    kept.went(by)
                else:
                    kept.add(made, what)
                over(new_file, path)
            return Answer("applied", base_of(made), tuple(what))
        except GraphError as error:
            return Answer("refused", base, problems=error.problems)
        except OSError as error:
            message = phrase("cannot be written: {why}", why=reason_of(error))
            return Answer("refused", base, problems=[Problem(self._shown(path), 1, 1, message)])

    def _conflict(
        self, path: Path, raw: bytes, base: str, new: Callable[[bytes, KeptTexts], bytes], kept: KeptTexts
    ) -> Answer:
        mine, name = None, self._shown(path)
        seen = kept.by_base(base)
        with suppress(GraphError, OSError):
            mine = Script(new(seen, kept), name).text if seen is not None else None
        return Answer("conflict", base_of(raw), theirs=Script(raw, name).text, mine=mine)

    def _checked(self, path: Path, beside: Path) -> None:
        try:
            self._read(beside)
        except GraphError as error:
            problems = [replace(each, file=self._shown(path)) for each in error.problems]
            raise GraphError(problems) from None

    def _now(self, path: Path, kept: KeptTexts) -> bytes:
        try:
            raw = contents(path)
        except OSError as error:
            problem = Problem(self._shown(path), 1, 1, phrase("cannot be read: {why}", why=reason_of(error)))
            raise GraphError([problem]) from None
        with suppress(OSError):  # history/ cannot be written: an edit says so, to read is possible
            kept.found(raw)
        return raw

    async def _file(self, path: Path) -> _File:
        if path not in self._files:
            folder = self._history / "graphs" / self._shown(path).replace("/", "+").removesuffix(".yaml")
            kept = await asyncio.to_thread(KeptTexts, folder)
            self._files.setdefault(path, _File(kept))
        return self._files[path]


@contextmanager
def beside(path: Path, raw: bytes) -> Generator[Path]:
    """Write these bytes to a file beside ``path``, with its mode; whatever is left of it goes when the block ends."""
    real = path.resolve()
    new = real.with_name(f"{real.stem}.{os.getpid()}new")  # a graph without a name has that of its file
    try:
        with new.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(real.stat().st_mode & 0o7777)
        yield new
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def over(beside: Path, path: Path) -> None:
    """Rename a file over another one, or over what that links to."""
    real, last = path.resolve(), time.monotonic() + BUSY_S
    while True:
        try:
            beside.replace(real)
            return
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > last:
                raise
            time.sleep(AGAIN_S)
