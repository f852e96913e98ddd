"""Says which graph is on air, which ones were, and which is requested next."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from graphs.engine.flow.instance import NotBuilt
from graphs.engine.reload.reloader import Applied
from nodes.phrases import Phrase, phrase, said_by
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
            text = phrase("{node} ({type}) cannot start: {why}", node=error.node, type=error.type, why=error.why)
            return Problem(shown, line, 1, text)
        return Problem(shown, 1, 1, phrase("cannot start: {why}", why=said_by(error)))

    def failed(self, shown: str, node: str, why: str) -> Problem:
        """Say that one of its nodes failed."""
        entry = self.graph.nodes[node]
        text = phrase("{node} ({type}) failed: {why}", node=node, type=entry.type, why=why)
        return Problem(shown, entry.line, 1, text)


def told_of(applied: Applied, how: str, why: str) -> Phrase:
    """Say what a change did; ``why`` if it went back."""
    what = phrase("{why}; now {what}", why=why, what=applied.summary) if why else applied.summary
    if applied.forced:
        what = phrase("{what}; ended by force: {names}", what=what, names=", ".join(applied.forced))
    took = f"{applied.seconds * 1000:.0f}"
    return phrase("{how} #{number} in {took} ms: {what}", how=how, number=applied.generation, took=took, what=what)


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
