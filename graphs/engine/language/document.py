"""What a YAML file says, and where it says it: plain data with the position of every key and value."""

from dataclasses import dataclass, field
from typing import Any

from graphs.engine.language.wording import shown
from schemas.graph import GraphError, Problem

MAX_PROBLEMS = 100
MAX_TEXT = 1000
"""Characters of a message and of a hint: they repeat what a file says, which may be long."""

Path = tuple[str | int, ...]
"""Where a value stands in the data: ``("nodes", "batch", "in", 0)``."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; both count from 1, columns in characters."""

    line: int
    column: int


def problem_at(file: str, mark: Mark, message: str, hint: str = "") -> Problem:
    """A problem at a place, told in short."""
    return Problem(file, mark.line, mark.column, _short(message), _short(hint))


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..."


@dataclass(slots=True)
class Document:
    """What a YAML file says, and where it says it."""

    file: str
    text: str
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: list[Problem] = field(default_factory=list[Problem])
    """What is wrong though the file could be read: a key given twice, a variable that is not set."""
    variables: dict[Path, str] = field(default_factory=dict[Path, str])
    """Values that were read from the environment -> as they are written in the file."""
    broken: set[Path] = field(default_factory=set[Path])
    """Values that a problem was reported for."""
    _marks: dict[Path, tuple[Mark, Mark]] = field(default_factory=dict[Path, tuple[Mark, Mark]])

    def key(self, path: Path) -> Mark:
        """Where the key of ``path`` stands, or the key of the nearest value around it."""
        return self._nearest(path)[0]

    def value(self, path: Path) -> Mark:
        """Where the value of ``path`` stands, or the nearest value around it."""
        return self._nearest(path)[1]

    def holds(self, path: Path) -> bool:
        """Whether the file says something at ``path``."""
        return path in self._marks

    def put(self, path: Path, key: Mark, value: Mark) -> None:
        self._marks[path] = (key, value)

    def problem(self, mark: Mark, message: str, hint: str = "") -> None:
        """Take a problem down, once.

        Raises:
            GraphError: there are so many that more would not help.
        """
        found = problem_at(self.file, mark, message, hint)
        if found not in self.problems:
            self.problems.append(found)
        if len(self.problems) >= MAX_PROBLEMS:
            raise GraphError(self.problems)

    def told(self, path: Path, value: object) -> str:
        """A value as a message shows it; one that comes from the environment may be a secret."""
        return f"what {self.variables[path]} holds" if path in self.variables else shown(value)

    def _nearest(self, path: Path) -> tuple[Mark, Mark]:
        while path not in self._marks:
            path = path[:-1]
        return self._marks[path]
