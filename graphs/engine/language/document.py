"""Holds what a YAML file says and where: plain data with the position of every key and value."""

from dataclasses import dataclass, field
from typing import Any

from graphs.engine.language.wording import shown
from nodes.phrases import changed, phrase
from schemas.graph import GraphError, Problem

MAX_PROBLEMS = 100
MAX_TEXT = 1000
"""Messages and hints are cut to this many characters, since they repeat what a file says."""

Path = tuple[str | int, ...]
"""The keys that lead to a value in the data: ``("nodes", "batch", "in", 0)``."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A position in a file: line and column from 1, the column in characters."""

    line: int
    column: int


def problem_at(file: str, mark: Mark, message: str, hint: str = "", unset: str = "", path: Path = ()) -> Problem:
    """Describe a problem at a position in short."""
    return Problem(file, mark.line, mark.column, _short(message), _short(hint), unset, path)


def _short(text: str) -> str:
    return changed(text, _cut) if len(text) > MAX_TEXT else text


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..."


@dataclass(slots=True)
class Document:
    """What a YAML file says, and where."""

    file: str
    text: str
    note: str = ""
    """What to say about its encoding; empty for UTF-8."""
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: list[Problem] = field(default_factory=list[Problem])
    """What is wrong even though the file could be read: a key given twice, a variable that is not set."""
    variables: dict[Path, str] = field(default_factory=dict[Path, str])
    """Maps values read from the environment to how they are written in the file."""
    broken: set[Path] = field(default_factory=set[Path])
    """The values for which a problem was reported."""
    _marks: dict[Path, tuple[Mark, Mark]] = field(default_factory=dict[Path, tuple[Mark, Mark]])

    def key(self, path: Path) -> Mark:
        """Find the position of the key of ``path``, or of the key of the nearest value around it."""
        return self._nearest(path)[0]

    def value(self, path: Path) -> Mark:
        """Find the position of the value of ``path``, or of the nearest value around it."""
        return self._nearest(path)[1]

    def holds(self, path: Path) -> bool:
        """Whether the file says something at ``path``."""
        return path in self._marks

    def put(self, path: Path, key: Mark, value: Mark) -> None:
        self._marks[path] = (key, value)

    def problem(self, mark: Mark, message: str, hint: str = "", unset: str = "") -> None:
        """Record a problem, once.

        Args:
            unset: the variable that has no value.

        Raises:
            GraphError: there are so many problems that more would not help.
        """
        found = problem_at(self.file, mark, message, hint, unset, self._path(mark))
        if found not in self.problems:
            self.problems.append(found)
        if len(self.problems) >= MAX_PROBLEMS:
            raise GraphError(self.problems)

    def told(self, path: Path, value: object) -> str:
        """Show a value for a message, hidden if it comes from the environment, since it may be a secret."""
        if path in self.variables:
            return phrase("what {variable} holds", variable=self.variables[path])
        return shown(value)

    def _path(self, mark: Mark) -> Path:
        """Find the value that a position is that of."""
        return next((path for path, marks in self._marks.items() if mark in marks), ())

    def _nearest(self, path: Path) -> tuple[Mark, Mark]:
        while path not in self._marks:
            path = path[:-1]
        return self._marks[path]
