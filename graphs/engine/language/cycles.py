"""Finds the cycles of a graph that pass no feedback port: events would circulate in them forever."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from graphs.engine.language.document import Document, Path
from graphs.engine.language.wording import some
from nodes import NodeSpec
from nodes.phrases import phrase
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
        ports = [f"{name}.{port.name}" for name in names for port in specs[name].inputs if port.feedback]
        hint = phrase("a cycle can close only through a feedback port")
        if ports:
            hint = phrase("a cycle can close only through a feedback port: {ports}", ports=some(ports))
        message = phrase("the node '{name}' feeds itself", name=names[0])
        if len(names) > 1:
            message = phrase("a cycle: {nodes}", nodes=" -> ".join([*names, names[0]]))
        document.problem(document.value(forward.pop((names[-1], names[0]))), message, hint)
