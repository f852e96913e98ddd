"""Copies a shipped graph before it is changed: an update of the program would write over the shipped one."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from graphs.engine.editing.edits import Edit, Set, Unset, edited
from graphs.engine.editing.script import Script
from nodes import NodeSpec
from nodes.written import contents

SHIPPED = frozenset(
    f"{name}.yaml"
    for name in ("cohost", "demo", "live", "live-remote-voice", "local-llm", "replay", "silent", "two-hosts")
)
"""The graphs that come with the program."""
MOST = 100
"""A copy is numbered up to this."""


def shipped(path: Path, root: Path) -> bool:
    """Whether the program brought this graph."""
    return path.parent == root / "graphs" and path.name in SHIPPED


def copied(path: Path, root: Path, registry: Mapping[str, NodeSpec]) -> Path:
    """Copy a graph to ``graphs/my.yaml``, ``my-2.yaml`` ..., named after its new file; never over another one.

    Raises:
        GraphError: the graph cannot be read.
        OSError: the copy cannot be written.
    """
    raw = contents(path)
    script = Script(raw, path.name)
    for name in ["my", *(f"my-{number}" for number in range(2, MOST))]:
        new = root / "graphs" / f"{name}.yaml"
        if not new.exists():
            break
    else:
        raise FileExistsError(17, os.strerror(17), str(root / "graphs"))
    edits: list[Edit] = [Set(op="set", path=("name",), value=new.stem)]
    edits += [Unset(op="unset", path=(key,)) for key in ("about", "example") if f"\n{key}:" in f"\n{script.text}"]
    text = edited(script.text, path.name, edits, registry)
    with new.open("xb") as file:
        try:
            file.write(script.bytes(text))
        except OSError:
            with suppress(OSError):
                new.unlink()
            raise
    return new
