"""Questions about the shape of a graph."""

from collections.abc import Mapping
from hashlib import blake2b

from nodes import NodeSpec
from schemas.chat import ChatBatch, ViewerEvent
from schemas.graph import Graph
from schemas.playback import Speaking


def downstream_first(graph: Graph) -> list[str]:
    """Node names with every consumer before its producers; wires into feedback ports do not count."""
    targets: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for wire in graph.wires:
        if not wire.feedback:
            targets[wire.source].append(wire.target)
    order: list[str] = []
    seen: set[str] = set()
    for name in graph.nodes:
        walk(name, targets, seen, order)
    return order


def walk(root: str, after: Mapping[str, list[str]], seen: set[str], left: list[str]) -> None:
    """Depth first from ``root`` over what was not seen; ``left`` takes the nodes in the order of leaving them."""
    if root in seen:
        return
    seen.add(root)
    stack = [(root, iter(after.get(root, ())))]
    while stack:
        name, rest = stack[-1]
        following = next((one for one in rest if one not in seen), None)
        if following is None:
            left.append(name)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(after.get(following, ()))))


def leads_to_answer(graph: Graph, registry: Mapping[str, NodeSpec]) -> frozenset[str]:
    """The nodes through which a viewer event reaches its answer; what they drop gets a verdict.

    A node that makes batches of viewer events, and every node that passes viewer events on to such a one.
    """
    if graph.part is not None:
        return graph.part.answering
    specs = {name: registry[entry.type] for name, entry in graph.nodes.items()}
    leading = {
        name
        for name, spec in specs.items()
        if any(issubclass(port.event, ViewerEvent) for port in spec.inputs)
        and any(issubclass(port.event, ChatBatch) for port in spec.outputs)
    }
    while True:
        more = {
            wire.source
            for wire in graph.wires
            if wire.target in leading and _gives_viewer_events(specs[wire.source], wire.output)
        } - leading
        if not more:
            return frozenset(leading)
        leading |= more


def leads_to_voice(graph: Graph, registry: Mapping[str, NodeSpec]) -> frozenset[str]:
    """The nodes without which a turn is never heard to its end: from the batch to the node that says it is over."""
    if graph.part is not None:
        return graph.part.speaking
    specs = {name: registry[entry.type] for name, entry in graph.nodes.items()}
    leading = {name for name, spec in specs.items() if any(issubclass(port.event, Speaking) for port in spec.outputs)}
    while True:
        more = {wire.source for wire in graph.wires if wire.target in leading and not wire.feedback} - leading
        if not more:
            return frozenset(leading)
        leading |= more


def is_voiced(graph: Graph, registry: Mapping[str, NodeSpec]) -> bool:
    """Whether a node speaks, here or at another place: then a turn is over when it was heard."""
    return graph.part.voiced if graph.part is not None else bool(leads_to_voice(graph, registry))


def is_viewer_source(spec: NodeSpec) -> bool:
    """Viewer events come into being in it."""
    return any(issubclass(port.event, ViewerEvent) for port in spec.outputs) and not any(
        issubclass(port.event, ViewerEvent) for port in spec.inputs
    )


def viewer_origins(graph: Graph, registry: Mapping[str, NodeSpec]) -> frozenset[str]:
    """The nodes that all that viewers send comes in by, the first ones: ``type#digest of the settings``.

    So two graphs have one in common that is set to the same account or file; no secret can be read from it.
    """
    leading = {name for name, entry in graph.nodes.items() if is_viewer_source(registry[entry.type])}
    firsts: set[str] = set()
    for name in downstream_first(graph):
        if name in leading:
            sources = {wire.source for wire in graph.wires if wire.target == name and not wire.feedback}
            leading |= sources
            if not sources:
                entry = graph.nodes[name]
                firsts.add(f"{entry.type}#{blake2b(entry.fingerprint.encode(), digest_size=8).hexdigest()}")
    return frozenset(firsts)


def _gives_viewer_events(spec: NodeSpec, output: str) -> bool:
    port = spec.output(output)
    return port is not None and issubclass(port.event, ViewerEvent)
