"""Finds where a graph names its nodes: in the inputs of other nodes and in its tests."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from graphs.engine.language.document import Path
from nodes import NodeSpec

STORY_PARTS = ("in", "out", "fakes")
"""The parts of a test whose keys are nodes, or ``node.port``."""


class Reference(NamedTuple):
    """A text that names a node, alone or with a port behind a dot."""

    path: Path
    key: bool
    """Whether it is the key of the path, not the value."""
    text: str

    def names(self, node: str) -> bool:
        return self.text.partition(".")[0] == node


def references(data: Mapping[str, Any], registry: Mapping[str, NodeSpec]) -> Iterator[Reference]:
    """Yield what names a node, in the order of the file: of inputs the values, of tests the keys."""
    for name, body in nodes_of(data).items():
        for key in inputs(body, registry):
            yield from _inside(body[key], ("nodes", name, key))
    tests = data.get("tests")
    for number, story in enumerate(cast(list[Any], tests) if isinstance(tests, list) else ()):
        for part in STORY_PARTS if isinstance(story, dict) else ():
            entries = cast(dict[str, Any], story).get(part)
            for name in cast(dict[str, Any], entries) if isinstance(entries, dict) else ():
                yield Reference(("tests", number, part, name), True, name)


def nodes_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the nodes of a graph; empty if it has none."""
    found = data.get("nodes")
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def inputs(body: object, registry: Mapping[str, NodeSpec]) -> list[str]:
    """Return the keys of a node that are inputs."""
    if not isinstance(body, dict):
        return []
    known = {"in", *ports(cast(dict[str, Any], body), registry)}
    return [key for key in cast(dict[str, Any], body) if key in known]


def ports(body: Mapping[str, Any], registry: Mapping[str, NodeSpec]) -> list[str]:
    """Return the input ports of a node's type, the first one first; none for an unknown type."""
    type_ = body.get("type")
    spec = registry.get(type_) if isinstance(type_, str) else None
    return [port.name for port in spec.inputs] if spec is not None else []


def items(value: object) -> list[Any]:
    """Return what is connected to an input, which may be one reference or a list."""
    return cast(list[Any], value) if isinstance(value, list) else [value]


def named(item: object) -> str:
    """Return the text of one reference, which may stand behind ``from``; empty if it is none."""
    text = cast(dict[str, Any], item).get("from") if isinstance(item, dict) else item
    return text if isinstance(text, str) else ""


def _inside(value: object, path: Path) -> Iterator[Reference]:
    listed = isinstance(value, list)
    for number, item in enumerate(items(value)):
        place = (*path, number) if listed else path
        if isinstance(item, dict):
            place = (*place, "from")
        if text := named(cast(object, item)):
            yield Reference(place, False, text)
