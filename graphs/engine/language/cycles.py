"""Finds the cycles of a graph that pass no feedback port: events would circulate in them forever."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from graphs.engine.language.document import Document, Path
from graphs.engine.language.wording import some
from nodes import NodeSpec
from schemas.graph import Wire


def check_cycles(document: Document, specs: Mapping[str, NodeSpec], wires: Sequence[tuple[Path, Wire]]) -> None:
    """Report every cycle that does not pass a feedback port, at the wire that leads back in the file.

    Args:
        specs: maps each node to its type, in the order of the file.
        wires: each with its path in the document.
    """
    forward = {(wire.source, wire.target): path for path, wire in reversed(wires) if not wire.feedback}
    order = {name: number for number, name in enumerate(specs)}
    while True:
        sorter = TopologicalSorter[str]()
        for source, target in reversed(forward):
            sorter.add(target, source)
        try:
            sorter.prepare()
            return
        except CycleError as error:
            names: list[str] = error.args[1][:-1]
        back = next(i for i in range(len(names)) if order[names[i - 1]] >= order[names[i]])
        names = names[back:] + names[:back]
        ports = [f"{port.name} of {name}" for name in names for port in specs[name].inputs if port.feedback]
        hint = "a cycle can close only through a feedback port" + (f": {some(ports)}" if ports else "")
        shown = " -> ".join([*names, names[0]])
        message = f"a cycle: {shown}" if len(names) > 1 else f"the node '{names[0]}' feeds itself"
        document.problem(document.value(forward.pop((names[-1], names[0]))), message, hint)
