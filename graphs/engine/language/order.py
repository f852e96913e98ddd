"""Derives from the shape of a graph the order of its nodes, and which nodes lead to an answer and to the voice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from nodes import NodeSpec
from schemas.chat import ChatBatch, ViewerEvent
from schemas.graph import Graph
from schemas.playback import Speaking

SUBSCRIBE = "bus.subscribe"
"""The type of the node through which events of another place come in."""

Specs = Mapping[str, NodeSpec]
"""Node name -> its type."""


@dataclass(frozen=True)
class Shape:
    """A graph with what is derived from it and from the types of its nodes."""

    graph: Graph
    registry: Mapping[str, NodeSpec] = field(repr=False)
    downstream_first: tuple[str, ...] = field(init=False)
    """Node names with every consumer before its producers; wires into feedback ports do not count."""
    answers: frozenset[str] = field(init=False)
    """The nodes through which a viewer event reaches its answer; what they drop gets a verdict.

    These are the nodes that make batches of viewer events, and every node that passes viewer events on to one of them.
    """
    voice: frozenset[str] = field(init=False)
    """The nodes without which a turn is never heard to its end: from the batch to the node that reports the end."""
    voiced: bool = field(init=False)
    """Whether a node speaks, here or at another place; then a turn is over when it has been heard."""
    origins: frozenset[str] = field(init=False)
    """The first nodes through which everything viewers send comes in: ``type#digest of the settings``.

    Two graphs have one in common if they use the same account or file; no secret can be recovered from it.
    """

    def __post_init__(self) -> None:
        graph, part = self.graph, self.graph.part
        specs = {name: self.registry[entry.type] for name, entry in graph.nodes.items()}
        order = _downstream_first(graph)
        voice = _voice(graph, specs) if part is None else part.speaking
        vars(self).update(
            downstream_first=order,
            answers=_answers(graph, specs) if part is None else part.answering,
            voice=voice,
            voiced=bool(voice) if part is None else part.voiced,
            origins=_origins(graph, specs, order),
        )


def walk(root: str, after: Mapping[str, list[str]], seen: set[str], left: list[str]) -> None:
    """Walk depth first from ``root`` over unseen nodes; ``left`` collects the nodes in postorder."""
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


def is_viewer_source(spec: NodeSpec) -> bool:
    """Whether viewer events originate in nodes of this type."""
    return any(issubclass(port.event, ViewerEvent) for port in spec.outputs) and not any(
        issubclass(port.event, ViewerEvent) for port in spec.inputs
    )


def _downstream_first(graph: Graph) -> tuple[str, ...]:
    targets: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for wire in graph.wires:
        if not wire.feedback:
            targets[wire.source].append(wire.target)
    order: list[str] = []
    seen: set[str] = set()
    for name in graph.nodes:
        walk(name, targets, seen, order)
    return tuple(order)


def _answers(graph: Graph, specs: Specs) -> frozenset[str]:
    batching = {
        name
        for name, spec in specs.items()
        if any(issubclass(port.event, ViewerEvent) for port in spec.inputs)
        and any(issubclass(port.event, ChatBatch) for port in spec.outputs)
    }
    passing = [
        (wire.source, wire.target) for wire in graph.wires if _gives_viewer_events(specs[wire.source], wire.output)
    ]
    return _leading(batching, passing)


def _voice(graph: Graph, specs: Specs) -> frozenset[str]:
    speaking = {name for name, spec in specs.items() if any(issubclass(port.event, Speaking) for port in spec.outputs)}
    return _leading(speaking, [(wire.source, wire.target) for wire in graph.wires if not wire.feedback])


def _leading(ends: set[str], ways: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Find the nodes from which a path leads to one of ``ends``, including ``ends``."""
    before: dict[str, list[str]] = {}
    for source, target in ways:
        before.setdefault(target, []).append(source)
    found: set[str] = set()
    for name in ends:
        walk(name, before, found, [])
    return frozenset(found)


def _origins(graph: Graph, specs: Specs, order: Iterable[str]) -> frozenset[str]:
    leading = {name for name, spec in specs.items() if is_viewer_source(spec)}
    firsts: set[str] = set()
    for name in order:
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
