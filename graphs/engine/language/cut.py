"""Cuts one place out of a graph that runs at several: its nodes, and the bus where an edge leads to another place.

An output port that is read elsewhere gets one ``bus.publish``; a port of another place that is read here gets one
``bus.subscribe``, which serves every reader here. The nodes notice none of this. The place where viewers come in keeps
the books on them: it is notified of viewer events dropped elsewhere, and receives the events that show the course of a
turn, wherever they occur. Every place reports to all the others, once and reliably, when a turn begins or ends.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from graphs.engine.language.fingerprint import fingerprint
from graphs.engine.language.order import SUBSCRIBE, Shape, is_viewer_source
from nodes import NodeSpec
from nodes.phrases import phrase
from schemas.chat import ChatBatch, ViewerEvent
from schemas.event import Event, kinds
from schemas.graph import Graph, GraphError, NodeEntry, Part, Policy, Problem, Wire
from schemas.playback import Heard, Speaking
from schemas.reply import ReplyChunk, Sentence
from schemas.settings import Settings

PC = "pc"
"""The place of nodes that do not name one: the streamer's computer."""
PUBLISH, PLACE = "bus.publish", "bus.place"
SELF = "_place"
"""The node that represents a place; no node in a file can have this name."""
STORY: tuple[type[Event], ...] = (ChatBatch, ReplyChunk, Sentence, Heard, Speaking)
"""The marks of a turn are read from events of these classes."""

VARIABLES = {
    "servers": "NATS_URL",
    "replicas": "NATS_REPLICAS",
    "user": "NATS_USER",
    "password": "NATS_PASSWORD",
    "ca": "NATS_CA",
}
"""Setting of the bus -> the variable that holds it."""

End = tuple[str, str, str]
"""(place, node, output port)"""


def places(graph: Graph) -> tuple[str, ...]:
    """List the places of a graph in the order of its file."""
    return tuple(dict.fromkeys(entry.at or PC for entry in graph.nodes.values()))


def bus_settings(env: Mapping[str, str]) -> dict[str, str]:
    """Read where the bus is: ``NATS_URL``, ``NATS_REPLICAS``, ``NATS_USER``, ``NATS_PASSWORD``, ``NATS_CA``."""
    return {key: env[name] for key, name in VARIABLES.items() if env.get(name)}


def cut(graph: Graph, place: str, registry: Mapping[str, NodeSpec], bus: Mapping[str, str] | None = None) -> Graph:
    """Cut out the part of a graph that runs at a place.

    Args:
        bus: settings of the bus, as ``bus_settings`` gives them.

    Raises:
        GraphError: the graph has no such place, or a setting of the bus is wrong.
    """
    known = places(graph)
    if place not in known:
        near = get_close_matches(place, known, 1)
        hint = phrase("did you mean '{word}'?", word=near[0]) if near else ""
        hint = hint or phrase("its places are {names}", names=", ".join(known))
        raise GraphError(
            [Problem(graph.file, 1, 1, phrase("no node of the graph is at {place}", place=repr(place)), hint)]
        )
    if len(known) == 1:
        return graph
    try:
        return _Cut(graph, place, registry, dict(bus or {})).part()
    except ValidationError as error:
        wrong = error.errors(include_url=False)
        name = VARIABLES.get(str(wrong[0]["loc"][0]), str(wrong[0]["loc"][0]))
        raise GraphError([Problem(graph.file, 1, 1, f"{name}: {wrong[0]['msg']}")]) from None


class _Cut:
    def __init__(self, graph: Graph, place: str, registry: Mapping[str, NodeSpec], bus: dict[str, str]) -> None:
        self._graph = graph
        self._here = place
        self._registry = registry
        self._bus: dict[str, Any] = {**bus, "graph": graph.name, "place": place}
        self._at = {name: entry.at or PC for name, entry in graph.nodes.items()}
        self._places = places(graph)
        specs = {name: registry[entry.type] for name, entry in graph.nodes.items()}
        self._homes = tuple(dict.fromkeys(self._at[name] for name, spec in specs.items() if is_viewer_source(spec)))
        """The places where viewers come in."""

    def part(self) -> Graph:
        graph = self._graph
        out, into = self._published(), self._read()
        entries = {name: entry for name, entry in graph.nodes.items() if self._at[name] == self._here}
        others = tuple(each for each in self._places if each != self._here)
        added = [self._entry(SELF, PLACE, neighbours=others)]
        wires: list[Wire] = []
        for (_, node, port), policy in out.items():
            name = f"{node}.{port} ->"
            added.append(self._entry(name, PUBLISH, node=node, port=port))
            wires.append(Wire(node, port, name, "event", policy))
        for source, node, port in into:
            event = self._event(node, port)
            judged = self._homes if issubclass(event, ViewerEvent) or issubclass(ViewerEvent, event) else ()
            given: dict[str, Any] = {"source": source, "node": node, "port": port, "kinds": _kinds(event)}
            name = f"-> {source} {node}.{port}" if node == SELF else f"-> {node}.{port}"
            added.append(self._entry(name, SUBSCRIBE, **given, judged=judged))
        for wire in graph.wires:
            if self._at[wire.target] == self._here:
                here = self._at[wire.source] == self._here
                wires.append(wire if here else replace(wire, source=f"-> {wire.source}.{wire.output}", output="event"))
        return replace(
            graph,
            name=f"{graph.name}-{self._here}",
            nodes={**entries, **{entry.name: entry for entry in added}},
            wires=tuple(wires),
            part=self._part(set(entries)),
        )

    def _published(self) -> dict[End, Policy]:
        """Map ports here that are read elsewhere to the policy of the edge to the bus."""
        found: dict[End, Policy] = {}
        for wire in self._graph.wires:
            if self._at[wire.source] == self._here != self._at[wire.target]:
                found.setdefault((self._here, wire.source, wire.output), wire.policy)
        if any(home != self._here for home in self._homes):
            for name, port, event in self._story():
                if self._at[name] == self._here:
                    found.setdefault((self._here, name, port), Policy.of(event))
            found[self._here, SELF, "dropped"] = Policy.of(self._event(SELF, "dropped"))
        found[self._here, SELF, "turn"] = Policy.of(self._event(SELF, "turn"))
        if self._here in self._homes:
            found[self._here, SELF, "judged"] = Policy.of(self._event(SELF, "judged"))
        return found

    def _read(self) -> list[End]:
        """List the ports of other places that are read here."""
        others = [each for each in self._places if each != self._here]
        found: dict[End, None] = {(each, SELF, "turn"): None for each in others}
        for wire in self._graph.wires:
            if self._at[wire.source] != self._here == self._at[wire.target]:
                found[self._at[wire.source], wire.source, wire.output] = None
        if self._here in self._homes:
            for name, port, _ in self._story():
                if self._at[name] != self._here:
                    found[self._at[name], name, port] = None
            found |= {(each, SELF, "dropped"): None for each in others}
        return list(found)

    def _story(self) -> Iterable[tuple[str, str, type[Event]]]:
        """Find the ports whose events show what becomes of turns."""
        for name, entry in self._graph.nodes.items():
            for port in self._registry[entry.type].outputs:
                if issubclass(port.event, STORY):
                    yield name, port.name, port.event

    def _event(self, node: str, port: str) -> type[Event]:
        spec = self._registry[PLACE if node == SELF else self._graph.nodes[node].type]
        found = spec.output(port)
        assert found is not None, (node, port)  # noqa: S101 - every wire was checked
        return found.event

    def _entry(self, name: str, type_: str, **given: Any) -> NodeEntry:
        model: type[Settings] = self._registry[type_].settings
        settings = model.model_validate({**self._bus, **given})
        return NodeEntry(name, type_, settings, fingerprint(type_, settings, self._here), 1, self._here)

    def _part(self, entries: set[str]) -> Part:
        whole = Shape(self._graph, self._registry)
        answering, speaking = self._leading(entries, whole.answers), self._leading(entries, whole.voice)
        return Part(self._here, answering, speaking, whole.voiced)

    def _leading(self, entries: set[str], leading: frozenset[str]) -> frozenset[str]:
        """Find the nodes of this place among ``leading``, including the bus nodes in between."""
        found = set(leading & entries)
        for wire in self._graph.wires:
            if wire.target in leading and wire.source in leading and not wire.feedback:
                if self._at[wire.source] == self._here != self._at[wire.target]:
                    found.add(f"{wire.source}.{wire.output} ->")
                elif self._at[wire.source] != self._here == self._at[wire.target]:
                    found.add(f"-> {wire.source}.{wire.output}")
        return frozenset(found)


def _kinds(event: type[Event]) -> tuple[str, ...]:
    """List the overflow classes that events of a port can have, in the order in which they are requested."""
    classes = {each.overflow for each in kinds(event)}
    return tuple(each for each in ("sure", "fresh", "block", "latest") if each in classes)
