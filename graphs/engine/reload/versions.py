"""Which graph is on air, was on air, and shall be."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from schemas.graph import Graph

Wish = Literal["saved", "asked", "undo"] | Path
"""Why the graph may change: its file was saved, a person asks for it, wants the last change undone, or wants another
file to be followed from now on."""


@dataclass(frozen=True, slots=True)
class Version:
    """A graph, and the file that it came from."""

    file: Path
    """Absolute."""
    graph: Graph


@dataclass(frozen=True, slots=True)
class Entry:
    """A graph that was on air."""

    generation: int
    time: str
    """Local time of day when it came, ISO 8601."""
    summary: str
    graph: Graph

    @classmethod
    def of(cls, generation: int, summary: str, graph: Graph) -> "Entry":
        """Make a version that goes on air now."""
        return cls(generation, datetime.now().isoformat(timespec="seconds"), summary, graph)
