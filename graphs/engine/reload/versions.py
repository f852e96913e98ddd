"""Says which graph is on air, which ones were, and which is requested next."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from graphs.engine.flow.instance import NotBuilt
from schemas.graph import Graph, Problem

Wish = Literal["saved", "asked", "undo"] | Path
"""Why the graph may change: its file was saved, or a person asks for a reload, for the last change to be undone, or
for another file (its path) to be followed from now on."""


@dataclass(frozen=True, slots=True)
class Version:
    """A graph and the file it came from."""

    file: Path
    """Absolute path."""
    graph: Graph

    def not_started(self, shown: str, error: Exception) -> Problem:
        """Say why it could not go on air; ``shown`` is its file as a person knows it."""
        if isinstance(error, NotBuilt):
            line = self.graph.nodes[error.node].line
            return Problem(shown, line, 1, f"{error.node} ({error.type}) cannot start: {error.why}")
        return Problem(shown, 1, 1, f"cannot start: {error}")

    def failed(self, shown: str, node: str, why: str) -> Problem:
        """Say that one of its nodes failed."""
        entry = self.graph.nodes[node]
        return Problem(shown, entry.line, 1, f"{node} ({entry.type}) failed: {why}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A graph that was on air."""

    generation: int
    time: str
    """Local time of day at which it went on air, ISO 8601."""
    summary: str
    graph: Graph

    @classmethod
    def of(cls, generation: int, summary: str, graph: Graph) -> "Entry":
        """Make the entry of a graph that goes on air now."""
        return cls(generation, datetime.now().isoformat(timespec="seconds"), summary, graph)

    def report(self) -> dict[str, Any]:
        """Return it as JSON, without the graph."""
        return {"generation": self.generation, "time": self.time, "summary": self.summary}
