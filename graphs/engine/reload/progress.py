"""Says how far a change of the graph is: which file goes on air, since when, and which nodes are waited for."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphs.engine.flow.runtime import Runtime
from graphs.engine.reload.reloader import Applied


class Progress:
    """The change that is under way, if any."""

    def __init__(self, runtime: Runtime, ending: Mapping[str, str]) -> None:
        """
        Args:
            ending: the nodes that are waited for, and their types.
        """
        self._runtime = runtime
        self._ending = ending
        self._file: Path | None = None
        self._since = 0.0

    @contextmanager
    def to(self, file: Path) -> Generator[None]:
        """Note that a change to this file is under way."""
        self._file, self._since = file, self._runtime.now()
        try:
            yield
        finally:
            self._file = None

    def report(self) -> dict[str, Any] | None:
        """Return the change as JSON, or None; ``waits`` are the nodes that have not finished what they have in hand."""
        if self._file is None:
            return None
        return {
            "file": self._runtime.files.shown(self._file),
            "seconds": round(self._runtime.now() - self._since, 1),
            "waits": [{"name": name, "type": type_} for name, type_ in self._ending.items()],
        }


def outcome(applied: Applied | None) -> dict[str, Any] | None:
    """Return what the last change did, as JSON."""
    return applied and {
        "summary": applied.summary,
        "changes": list(applied.changes),
        "seconds": round(applied.seconds, 4),
        "forced": list(applied.forced),
        "came": list(applied.came),
        "went": list(applied.went),
    }
