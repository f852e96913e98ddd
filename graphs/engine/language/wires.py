"""Turns the inputs of nodes in a graph into ``Wire``s, or reports every impossible connection with what would fit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

from graphs.engine.language.document import Document, Path
from graphs.engine.language.schema import EdgeOptions
from graphs.engine.language.settings import SettingsCheck
from graphs.engine.language.wording import meant, shown, some
from nodes import NodeSpec, Port
from nodes.phrases import described, noted, phrase
from schemas.graph import Policy, Wire


class _Reference(NamedTuple):
    source: str
    output: str
    path: Path
    options: EdgeOptions


_SENSELESS = {
    "latest": ("capacity", noted("an edge with 'latest' keeps one event")),
    "sure": ("max_age_s", noted("an edge with 'sure' drops nothing")),
}
"""Policy -> the option that makes no sense with it, and why."""


@dataclass(slots=True)
class Place:
    """A node in the file whose type is known."""

    spec: NodeSpec
    inputs: dict[str, str]
    """Input port -> the key that names it in the file (``in`` or its own name)."""


class WireCheck:
    """Reads the wires of nodes out of a document and records there what is wrong with them."""

    def __init__(
        self, document: Document, nodes: Mapping[str, Any], places: Mapping[str, Place], settings: SettingsCheck
    ) -> None:
        """
        Args:
            nodes: what the document says about each node.
            places: the nodes whose type is known.
        """
        self._document = document
        self._nodes = nodes
        self._places = places
        self._settings = settings

    def wires(self, name: str) -> Iterator[tuple[Path, Wire]]:
        """Read the wires into a node, each with its path in the document."""
        place = self._places[name]
        seen: set[tuple[str, str, str]] = set()
        for port in place.spec.inputs:
            key = place.inputs.get(port.name)
            if key is None:
                if not port.optional:
                    self._unconnected(name, place.spec, port)
                continue
            path: Path = ("nodes", name, key)
            for reference in self._references(path, self._nodes[name][key]):
                output = self._output(reference, name, port)
                if output is None:
                    continue
                ends = (reference.source, output.name, port.name)
                if ends in seen:
                    twice = _named(reference.source, output, self._places)
                    message = phrase("{name} is connected here twice", name=twice)
                    self._document.problem(self._document.value(reference.path), message, phrase("delete one"))
                    continue
                seen.add(ends)
                policy = self._policy(reference, output)
                yield reference.path, Wire(reference.source, output.name, name, port.name, policy, port.feedback)

    def sources(self, path: Path, value: Any) -> None:
        """Check that an input of an unknown type names nodes that exist."""
        for reference in self._references(path, value):
            self._source(reference)

    def _references(self, path: Path, value: Any) -> Iterator[_Reference]:
        document = self._document
        if isinstance(value, list):
            items = [((*path, i), item) for i, item in enumerate(cast(list[Any], value))]
            if not items:
                message = phrase("'{key}' is an empty list", key=path[-1])
                self._document.problem(document.value(path), message, phrase("name a node"))
        else:
            items = [(path, value)]
        for place, item in items:
            text, options = item, EdgeOptions.model_validate({})
            if isinstance(item, dict):
                given = cast(dict[str, Any], item)
                text, place = given.get("from"), (*place, "from") if "from" in given else place
                around = place[:-1] if "from" in given else place
                options = self._options({key: value for key, value in given.items() if key != "from"}, around)
                if "from" not in given:
                    hint = phrase("write {example}", example="{from: node, ...}")
                    self._document.problem(document.value(place), phrase("this edge has no 'from'"), hint)
                    continue
            if not isinstance(text, str):
                hint = phrase("write node, node.port or a list of them")
                message = phrase("'{key}' must name a node, not {shown}", key=path[-1], shown=shown(text))
                self._document.problem(document.value(place), message, hint)
            elif place not in document.broken and options is not None:
                source, _, output = text.partition(".")
                yield _Reference(source, output, place, options)

    def _options(self, given: dict[str, Any], path: Path) -> EdgeOptions | None:
        words = [*EdgeOptions.model_fields, "from"]
        unknown = [key for key in given if key not in words]
        for key in unknown:
            hint = meant(key, words) or phrase("it has {words}", words=", ".join(words))
            self._document.problem(self._document.key((*path, key)), phrase("an edge has no '{key}'", key=key), hint)
        known = {key: value for key, value in given.items() if key not in unknown}
        return self._settings.validated(EdgeOptions, known, path, phrase("the edge"))

    def _policy(self, reference: _Reference, output: Port) -> Policy:
        given = reference.options.model_dump(exclude_unset=True)
        overflow = given.get("overflow", output.event.overflow)
        senseless = _SENSELESS.get(overflow)
        if senseless is not None and given.get(senseless[0]) is not None:
            mark = self._document.key((*reference.path[:-1], senseless[0]))
            self._document.problem(mark, described(senseless[1]), phrase("delete '{key}'", key=senseless[0]))
        usual = Policy.of(output.event)
        if overflow != usual.overflow:
            capacity = 1 if overflow == "latest" else output.event.capacity
            usual = replace(usual, capacity=capacity, max_age_s=None if overflow == "sure" else usual.max_age_s)
        return replace(usual, **given)

    def _source(self, reference: _Reference) -> Place | None:
        """Find the node that a reference names; None if there is no such node, or nothing can be said about it."""
        if reference.source not in self._nodes:
            hint = meant(reference.source, self._nodes) or phrase("the nodes are {names}", names=some(self._nodes))
            told = self._document.told(reference.path, reference.source)
            message = phrase("there is no node {name}", name=told)
            self._document.problem(self._document.value(reference.path), message, hint)
        return self._places.get(reference.source)

    def _output(self, reference: _Reference, target: str, port: Port) -> Port | None:
        """Find the output that a reference means: the one it names, or else the only one that fits the input."""
        place = self._source(reference)
        if place is None:
            return None
        source, mark = reference.source, self._document.value(reference.path)
        outputs = place.spec.outputs
        names = [output.name for output in outputs]
        fitting = [output.name for output in outputs if issubclass(output.event, port.event)]
        wanted = reference.output or (fitting[0] if len(fitting) == 1 else names[0] if len(names) == 1 else "")
        output = place.spec.output(wanted)
        if not outputs:
            message = phrase("{node} ({type}) gives nothing", node=source, type=place.spec.name)
            self._document.problem(mark, message, self._fitting(target, port))
        elif output is None and reference.output:
            hint = meant(reference.output, names) or phrase("it gives {names}", names=", ".join(names))
            told = self._document.told(reference.path, reference.output)
            message = phrase("{node} ({type}) has no output {name}", node=source, type=place.spec.name, name=told)
            self._document.problem(mark, message, hint)
        elif output is None and fitting:
            hint = phrase("write one of {words}", words=", ".join(f"{source}.{name}" for name in fitting))
            given = ", ".join(names)
            message = phrase("{node} ({type}) gives several: {names}", node=source, type=place.spec.name, names=given)
            self._document.problem(mark, message, hint)
        elif output is None or output.name not in fitting:
            shown = source if output is None else _named(source, output, self._places)
            message = phrase(
                "{node} gives {given}, but {type} takes {taken} at {port}",
                node=shown,
                given=", ".join(gift.event.__name__ for gift in ([output] if output else outputs)),
                type=self._places[target].spec.name,
                taken=port.event.__name__,
                port=port.name,
            )
            self._document.problem(mark, message, self._fitting(target, port))
        else:
            return output
        return None

    def _fits(self, target: str, port: Port) -> list[str]:
        """List what could be connected to an input, as one would write it."""
        return [
            _named(name, output, self._places)
            for name, place in self._places.items()
            for output in place.spec.outputs
            if name != target and issubclass(output.event, port.event)
        ]

    def _fitting(self, target: str, port: Port) -> str:
        fits = self._fits(target, port)
        if fits:
            return phrase("what fits: {names}", names=some(fits))
        return phrase("nothing else in this graph gives {event}", event=port.event.__name__)

    def _unconnected(self, name: str, spec: NodeSpec, port: Port) -> None:
        key = "in" if port is spec.inputs[0] else port.name
        fits = self._fits(name, port)
        if len(fits) == 1:
            hint = phrase("add '{line}'", line=f"{key}: {fits[0]}")
        else:
            hint = phrase("add '{line}'; {fitting}", line=f"{key}: ...", fitting=self._fitting(name, port))
        message = phrase(
            "the node '{name}' gets no {event} at {port}", name=name, event=port.event.__name__, port=port.name
        )
        self._document.problem(self._document.key(("nodes", name)), message, hint)


def _named(name: str, output: Port, places: Mapping[str, Place]) -> str:
    return name if len(places[name].spec.outputs) == 1 else f"{name}.{output.name}"
