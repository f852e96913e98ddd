"""Lists the graphs that a person can switch to: the files beside the running one and in the project's own folder."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from nodes.phrases import phrase
from schemas.graph import Graph, GraphError, Intro, Problem

DOCK = "overlay.dock"
"""The node from whose page a person switches back."""
MOST = 100
"""Look at no more than this many files."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The file of a graph, as it was last read."""

    name: str
    """The name of the graph; empty if the file cannot be read."""
    intro: Intro
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
        self._begun = 0
        """Number of passes over the files so far."""
        self._reading = asyncio.Lock()

    async def listed(self, running: Path) -> list[dict[str, Any]]:
        """Read all files and return the graphs as JSON, sorted by file; ``running`` is the file that is followed.

        Calls that come during a pass share the next one, so that each of them sees what was saved before it.
        """
        mine = self._begun + 1
        async with self._reading:
            if self._begun < mine:
                self._begun = mine
                paths = await asyncio.to_thread(self._paths, running)
                self._found = {path: await asyncio.to_thread(self._choice, path) for path in paths}
        return [
            {
                "file": self._shown(path),
                "name": choice.name,
                "about": dict(choice.intro.about),
                "example": choice.intro.example,
                "ok": not choice.problems,
                "dock": choice.dock,
                "running": path == running,
                "problems": as_json(choice.problems),
            }
            for path, choice in sorted(self._found.items())
        ]

    def file(self, name: str, running: Path) -> Path:
        """Return the path of a graph named as in ``listed`` or by its file name; no other file can be chosen.

        Raises:
            ValueError: there is no such graph, or there are several.
        """
        paths = {self._shown(path): path for path in self._paths(running)}
        if name in paths:
            return paths[name]
        named = [shown for shown, path in paths.items() if path.name == name]
        if len(named) > 1:
            names = ", ".join(named)
            raise ValueError(
                phrase("{name} may be one of several; give one of these: {names}", name=repr(name), names=names)
            )
        if not named:
            near = get_close_matches(name, paths, 1)
            if near:
                raise ValueError(
                    phrase("there is no graph {name}; did you mean {near}?", name=repr(name), near=repr(near[0]))
                )
            raise ValueError(phrase("there is no graph {name}; /api/graphs lists them", name=repr(name)))
        return paths[named[0]]

    def _paths(self, running: Path) -> list[Path]:
        folders = dict.fromkeys((self._folder, running.parent))
        files = {path for folder in folders for ending in ("yaml", "yml") for path in folder.glob(f"*.{ending}")}
        return sorted(path for path in {*files, running} if path.is_file())[:MOST]

    def _choice(self, path: Path) -> Choice:
        try:
            graph = self._read(path)
        except GraphError as error:
            problems = [replace(problem, file=self._shown(path)) for problem in error.problems]
            return Choice(error.name, error.intro, dock=False, problems=problems)
        return Choice(graph.name, graph.intro, any(entry.type == DOCK for entry in graph.nodes.values()), ())


def as_json(problems: Iterable[Problem]) -> list[Mapping[str, Any]]:
    """Return problems as JSON."""
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "message": problem.message,
            "hint": problem.hint,
            "unset": problem.unset,
            "path": list(problem.path),
        }
        for problem in problems
    ]
