"""From a graph's file to a checked graph."""

from pathlib import Path

from graphs.engine.check import check
from graphs.engine.env import environment
from nodes import load_all
from schemas.graph import Graph, GraphError, Problem


def read_graph(path: Path, root: Path) -> Graph:
    """Read, load and check a graph.

    Raises:
        GraphError: every problem of the file at once.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise GraphError([Problem(str(path), 1, 1, f"cannot be read: {error.strerror}", "")]) from error
    return check(raw, str(path), load_all(), environment(root), root)
