"""Lists the graphs that a person can switch to: the files beside the running one and in the project's own folder."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from schemas.graph import Graph, GraphError, Problem

DOCK = "overlay.dock"
"""The node from whose page a person switches back."""
MOST = 100
"""Look at no more than this many files."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The file of a graph, as it was last read."""

    name: str
    """The name of the graph; empty if the file cannot be read."""
    dock: bool
    problems: Sequence[Problem]


class Choices:
    """Reads and checks the files in a thread, one pass at a time."""

    def __init__(self, folder: Path, read: Callable[[Path], Graph], shown: Callable[[Path], str]) -> None:
        """
        Args:
            folder: the folder of the project's graphs, absolute.
            read: reads and checks a file; raises ``GraphError``.
            shown: gives a path as a person knows it.
        """
        self._folder = folder
        self._read = read
        self._shown = shown
        self._found: dict[Path, Choice] = {}
        self._looking: asyncio.Task[Any] | None = None

    def look(self, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[Any]], running: Path) -> None:
        """Begin to read all files again, unless a pass is in progress; ``listed`` gives the latest results."""
        if self._looking is None or self._looking.done():
            self._looking = spawn(self._look(running))

    def listed(self, running: Path) -> list[dict[str, Any]]:
        """Return the graphs as JSON, sorted by file; ``running`` is the file that is followed."""
        return [
            {
                "file": self._shown(path),
                "name": choice.name,
                "ok": not choice.problems,
                "dock": choice.dock,
                "running": path == running,
                "problems": told(choice.problems),
            }
            for path, choice in sorted(self._found.items())
        ]

    def file(self, name: str, running: Path) -> Path:
        """Return the path of a graph named as in ``listed``; no other file can be chosen.

        Raises:
            ValueError: there is no such graph.
        """
        for path in self._paths(running):
            if self._shown(path) == name:
                return path
        raise ValueError(f"there is no graph {name!r}; /api/graphs lists them")

    async def _look(self, running: Path) -> None:
        found: dict[Path, Choice] = {}
        for path in await asyncio.to_thread(self._paths, running):
            found[path] = await asyncio.to_thread(self._choice, path)
        self._found = found

    def _paths(self, running: Path) -> list[Path]:
        folders = dict.fromkeys((self._folder, running.parent))
        files = {path for folder in folders for ending in ("yaml", "yml") for path in folder.glob(f"*.{ending}")}
        return sorted(path for path in {*files, running} if path.is_file())[:MOST]

    def _choice(self, path: Path) -> Choice:
        try:
            graph = self._read(path)
        except GraphError as error:
            problems = [replace(problem, file=self._shown(path)) for problem in error.problems]
            return Choice("", dock=False, problems=problems)
        return Choice(graph.name, any(entry.type == DOCK for entry in graph.nodes.values()), ())


def told(problems: Iterable[Problem]) -> list[Mapping[str, Any]]:
    """Return problems as JSON."""
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "message": problem.message,
            "hint": problem.hint,
        }
        for problem in problems
    ]
