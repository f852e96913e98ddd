"""Turns the text of a graph file into a ``Graph``, or reports every problem in it with its position and remedy."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path as File
from typing import Any, cast

from graphs.engine.language.cycles import check_cycles
from graphs.engine.language.document import Document, Path
from graphs.engine.language.fingerprint import fingerprint
from graphs.engine.language.heading import character_of, check_heading, intro_of, name_of
from graphs.engine.language.load import load
from graphs.engine.language.schema import NODE_KEYS, NODE_NAME
from graphs.engine.language.settings import SettingsCheck, named_settings
from graphs.engine.language.tongues import languages, mixed
from graphs.engine.language.wires import Place, WireCheck
from graphs.engine.language.wording import meant, nearest, shown
from nodes import NodeSpec, broken
from nodes.file_name import unfit
from nodes.loading import missing
from nodes.phrases import phrase
from schemas.graph import Graph, GraphError, NodeEntry


def check(
    text: str | bytes, file: str, registry: Mapping[str, NodeSpec], env: Mapping[str, str], root: File | None = None
) -> Graph:
    """Read a graph and check everything in it.

    Args:
        text: the content of the file; bytes are read as UTF-8.
        file: its name, for messages.
        registry: the known node types.
        env: what ``${NAME}`` reads.
        root: the project folder, to which the paths of watched files are relative; None for the current one.

    Raises:
        GraphError: with every problem of the file.
    """
    document = load(text, file, env)
    return _Check(document, registry, root or File(), _nodes(document)).graph()


def _nodes(document: Document) -> dict[str, Any]:
    """Check the keys beside the nodes, and give the nodes."""
    check_heading(document)
    nodes = document.data.get("nodes")
    if "nodes" not in document.data:
        hint = phrase("add 'nodes:' and under it '{example}'", example="name: {type: ...}")
        document.problem(document.key(()), phrase("the graph has no nodes"), hint)
    elif not isinstance(nodes, dict) or not nodes:
        hint = phrase("write '{example}' under it", example="name: {type: ...}")
        document.problem(document.key(("nodes",)), phrase("'nodes' holds no nodes"), hint)
    else:
        return cast(dict[str, Any], nodes)
    return {}


class _Check:
    def __init__(self, document: Document, registry: Mapping[str, NodeSpec], root: File, nodes: dict[str, Any]) -> None:
        self._document = document
        self._registry = registry
        self._nodes = nodes
        self._character = character_of(document, nodes)
        self._places: dict[str, Place] = {}
        self._settings = SettingsCheck(document, root)
        self._wires = WireCheck(document, nodes, self._places, self._settings)

    def graph(self) -> Graph:
        document = self._document
        entries = [entry for name in self._nodes if (entry := self._node(name)) is not None]
        wires = [wire for name in self._places for wire in self._wires.wires(name)]
        check_cycles(document, {name: place.spec for name, place in self._places.items()}, wires)
        self._once(entries)
        for entry in entries:
            if several := mixed(entry, self._registry[entry.type]):
                message = phrase(
                    "the voices of '{name}' speak different languages: {languages}",
                    name=entry.name,
                    languages=", ".join(several),
                )
                hint = phrase("give all of them the same 'language', or none")
                document.problem(document.key(("nodes", entry.name)), message, hint)
        if document.problems:
            raise GraphError(document.problems, name_of(document), intro_of(document))
        by_name = {entry.name: entry for entry in entries}
        return Graph(
            name_of(document),
            document.file,
            by_name,
            tuple(wire for _, wire in wires),
            document.text,
            character=self._character,
            budget_s=document.data.get("budget_s"),
            languages=languages(by_name, (wire for _, wire in wires), self._registry),
            intro=intro_of(document),
            note=document.note,
        )

    def _once(self, entries: Iterable[NodeEntry]) -> None:
        """Report each node of a type that its place has already and can hold only once."""
        first: dict[tuple[str, str | None], str] = {}
        for entry in entries:
            there = first.setdefault((entry.type, entry.at), entry.name)
            if there != entry.name and self._registry[entry.type].once:
                message = phrase("a graph holds one {type} at most, and '{name}' is one", type=entry.type, name=there)
                hint = phrase("delete one of them; whatever takes from it can take from the other one")
                self._document.problem(self._document.key(("nodes", entry.name)), message, hint)

    def _node(self, name: str) -> NodeEntry | None:
        """Check everything about a node except its wires."""
        path: Path = ("nodes", name)
        document, body = self._document, self._nodes[name]
        if not re.match(NODE_NAME, name):
            hint = phrase("begin with a letter and use only letters, digits, _ and -")
            self._document.problem(document.key(path), phrase("'{name}' cannot be the name of a node", name=name), hint)
        if not isinstance(body, dict):
            message = phrase("the node '{name}' must be a mapping, not {shown}", name=name, shown=shown(body))
            self._document.problem(document.value(path), message, phrase("write {example}", example="{type: ...}"))
            return None
        content = cast(dict[str, Any], body)
        spec = self._spec(name, content)
        if spec is None:
            if "in" in content:
                self._wires.sources((*path, "in"), content["in"])
            return None
        self._places[name] = Place(spec, self._inputs(name, spec, content))
        at = content.get("at")
        if at is not None and not isinstance(at, str):
            message = phrase("{name} must be text, not {shown}", name="at", shown=shown(at))
            self._document.problem(document.value((*path, "at")), message, phrase("put it in quotes"))
            at = None
        elif at is not None and (why := unfit(at)):
            message = phrase("{name} cannot be the name of a place: {why}", name=shown(at), why=why)
            document.problem(document.value((*path, "at")), message, phrase("files of the place are named after it"))
        known = {port.name for port in spec.inputs} | {"in", *NODE_KEYS}
        settings = self._settings.settings(
            name, spec, {key: value for key, value in content.items() if key not in known}
        )
        if settings is None:
            return None
        self._settings.files(path, settings)
        settings = named_settings(settings, self._character)
        return NodeEntry(name, spec.name, settings, fingerprint(spec.name, settings, at), document.key(path).line, at)

    def _spec(self, name: str, content: dict[str, Any]) -> NodeSpec | None:
        path: Path = ("nodes", name, "type")
        if "type" not in content:
            near = nearest("type", content)
            hint = phrase("it stands there as '{word}'", word=near) if near else phrase("add 'type: ...'")
            self._document.problem(
                self._document.key(path[:2]), phrase("the node '{name}' has no type", name=name), hint
            )
            return None
        type_ = content["type"]
        spec = self._registry.get(type_) if isinstance(type_, str) else None
        if spec is None and isinstance(type_, str) and (why := missing(type_, broken)) is not None:
            message = phrase("the node type {type} could not be loaded: {why}", type=type_, why=why)
            self._document.problem(self._document.value(path), message, why.remedy)
        elif spec is None and path not in self._document.broken:
            hint = meant(str(type_), self._registry) or phrase("'aischoco.py nodes' lists the types")
            message = phrase("there is no node type {type}", type=self._document.told(path, type_))
            self._document.problem(self._document.value(path), message, hint)
        return spec

    def _inputs(self, name: str, spec: NodeSpec, content: dict[str, Any]) -> dict[str, str]:
        path: Path = ("nodes", name)
        found = {port.name: port.name for port in spec.inputs if port.name in content}
        if "in" in content:
            if not spec.inputs:
                message = phrase("{type} is a source: it takes nothing", type=spec.name)
                self._document.problem(self._document.key((*path, "in")), message, phrase("delete '{key}'", key="in"))
            elif spec.inputs[0].name in found:
                port = spec.inputs[0].name
                message = phrase("'{port}' and 'in' are the same input of {type}", port=port, type=spec.name)
                self._document.problem(self._document.key((*path, port)), message, phrase("write both into one list"))
            else:
                found = {spec.inputs[0].name: "in"} | found
        return found
