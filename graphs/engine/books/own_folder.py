"""Gives each of several programs in one project folder a folder of its own for what outlives it.

The first one has ``history``, another one a folder in it, which it finds again at its next start. So no donation is
thanked by two of them, and none overwrites the memory, the overlay or the logs of another.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from graphs.engine.books.journal_folder import take
from schemas.graph import Graph


def own_folder(history: Path, name: str) -> tuple[Path, int | None]:
    """Return the folder of this run: ``history``, or ``history/NAME`` if another run has that or this one once did.

    Args:
        name: tells apart the programs that run in one project folder, and is the same at the next start.

    Returns:
        The folder, and a descriptor that holds it while it is open; None where folders cannot be held.
    """
    for folder in _folders(history, name):
        try:
            return folder, take(folder / "run")
        except BlockingIOError:
            continue
        except OSError:
            break
    return history, None


def _folders(history: Path, name: str) -> Iterator[Path]:
    mine = history / name
    if not mine.is_dir():
        yield history
    yield mine
    yield from (history / f"{name}-{number}" for number in count(2))


def kept_in(folder: Path, graph: Graph, root: Path) -> Graph:
    """Return the graph with the paths in its settings that lie in ``history`` moved into ``folder``, a folder there."""
    history = root / "history"
    if folder == history:
        return graph

    def moved(value: Any) -> Any:
        if isinstance(value, Path):
            path = root / value
            return folder / path.relative_to(history) if path.is_relative_to(history) else value
        if isinstance(value, BaseModel):
            changed = {key: new for key, old in value if (new := moved(old)) is not old}
            return value.model_copy(update=changed) if changed else value
        if isinstance(value, list | tuple):
            old_items = cast("list[Any] | tuple[Any, ...]", value)
            items = [moved(item) for item in old_items]
            same = all(new is old for new, old in zip(items, old_items, strict=True))
            return old_items if same else type(old_items)(items)
        return value

    nodes = {name: replace(entry, settings=moved(entry.settings)) for name, entry in graph.nodes.items()}
    return replace(graph, nodes=nodes)
