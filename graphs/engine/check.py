"""Text of a graph file -> ``Graph``, or everything that is wrong in it, each with its place and what to do."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from pathlib import Path as File
from pathlib import PurePath
from typing import Any, NamedTuple, cast, get_args

from pydantic import SecretStr, ValidationError

from graphs.engine.load import Document, Mark, Path, load
from graphs.engine.schema import (
    NODE_KEYS,
    NODE_NAME,
    TOP_KEYS,
    EdgeOptions,
    choices,
    in_words,
    keys,
    part,
    settings_schema,
)
from nodes import NodeSpec, Port
from schemas.graph import Graph, GraphError, NodeEntry, Policy, Wire
from schemas.settings import Settings, Watched


def check(
    text: str | bytes, file: str, registry: Mapping[str, NodeSpec], env: Mapping[str, str], root: File | None = None
) -> Graph:
    """Read a graph and check all of it.

    Args:
        text: the content of the file; bytes are read as UTF-8.
        file: its name, for messages.
        registry: the node types that there are.
        env: what ``${NAME}`` reads.
        root: the project folder, to which the paths of watched files are relative; None for the current one.

    Raises:
        GraphError: with every problem of the file.
    """
    document = load(text, file, env)
    return _Check(document, registry, root or File()).graph()


def fingerprint(type_: str, settings: Settings, at: str | None = None) -> str:
    """SHA-256, hex, of the canonical JSON of a node; secrets go in as their hash."""
    content = [type_, settings.model_dump(), at]
    return _sha256(json.dumps(content, default=_plain, sort_keys=True, ensure_ascii=False))


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return _sha256(value.get_secret_value())
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, set | frozenset):
        return sorted(map(str, cast(Iterable[object], value)))
    return str(value)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def fields_with(settings: type[Settings], kind: type) -> frozenset[str]:
    """Settings that hold a mark of schemas.settings or a type, directly or within (``WatchedFile | None``)."""
    fields = settings.model_fields.items()
    return frozenset(name for name, field in fields if _holds([field.annotation, *field.metadata], kind))


def _holds(parts: Iterable[Any], kind: type) -> bool:
    return any(part is kind or isinstance(part, kind) or _holds(get_args(part), kind) for part in parts)


class _Reference(NamedTuple):
    source: str
    output: str
    path: Path
    options: EdgeOptions


@dataclass(slots=True)
class _Place:
    """A node of the file whose type is known."""

    spec: NodeSpec
    inputs: dict[str, str]
    """Input port -> the key that names it in the file (``in`` or its own name)."""


class _Check:
    def __init__(self, document: Document, registry: Mapping[str, NodeSpec], root: File) -> None:
        self._document = document
        self._registry = registry
        self._root = root
        self._places: dict[str, _Place] = {}
        self._nodes: dict[str, Any] = {}

    def graph(self) -> Graph:
        document = self._document
        self._top()
        entries = [entry for name in self._nodes if (entry := self._node(name)) is not None]
        wires = [wire for name in self._places for wire in self._wires(name)]
        self._cycles(wires)
        if document.problems:
            raise GraphError(document.problems)
        return Graph(
            document.data.get("name", PurePath(document.file).stem),
            document.file,
            {entry.name: entry for entry in entries},
            tuple(wire for _, wire in wires),
            document.text,
        )

    def _problem(self, mark: Mark, message: str, hint: str = "") -> None:
        self._document.problem(mark, message, hint)

    def _top(self) -> None:
        data, document = self._document.data, self._document
        for key in data:
            if key not in TOP_KEYS and not key.startswith("x-"):
                hint = _nearest(key, TOP_KEYS) or "a graph has " + ", ".join(TOP_KEYS) + " and x-..."
                self._problem(document.key((key,)), f"a graph has no '{key}'", hint)
        name, budget = data.get("name", ""), data.get("budget_s", 1)
        if not isinstance(name, str):
            self._problem(document.value(("name",)), f"name must be text, not {_shown(name)}", "put it in quotes")
        if isinstance(budget, bool) or not isinstance(budget, int | float) or not budget > 0:
            self._problem(document.value(("budget_s",)), f"budget_s must be a number above 0, not {_shown(budget)}")
        nodes = data.get("nodes")
        if "nodes" not in data:
            self._problem(document.key(()), "the graph has no nodes", "add 'nodes:' and under it 'name: {type: ...}'")
        elif not isinstance(nodes, dict) or not nodes:
            self._problem(document.key(("nodes",)), "'nodes' holds no nodes", "write 'name: {type: ...}' under it")
        else:
            self._nodes = cast(dict[str, Any], nodes)

    def _node(self, name: str) -> NodeEntry | None:
        """Check everything of a node but its wires."""
        path: Path = ("nodes", name)
        document, body = self._document, self._nodes[name]
        if not re.match(NODE_NAME, name):
            hint = "begin with a letter and use only letters, digits, _ and -"
            self._problem(document.key(path), f"'{name}' cannot be the name of a node", hint)
        if not isinstance(body, dict):
            hint = "write {type: ...}"
            self._problem(document.value(path), f"the node '{name}' must be a mapping, not {_shown(body)}", hint)
            return None
        content = cast(dict[str, Any], body)
        spec = self._spec(name, content)
        if spec is None:
            if "in" in content:
                for reference in self._references((*path, "in"), content["in"]):
                    self._source(reference)
            return None
        self._places[name] = _Place(spec, self._inputs(name, spec, content))
        at = content.get("at")
        if at is not None and not isinstance(at, str):
            self._problem(document.value((*path, "at")), f"at must be text, not {_shown(at)}", "put it in quotes")
            at = None
        known = {port.name for port in spec.inputs} | {"in", *NODE_KEYS}
        settings = self._settings(name, spec, {key: value for key, value in content.items() if key not in known})
        if settings is None:
            return None
        self._files(path, settings)
        return NodeEntry(name, spec.name, settings, fingerprint(spec.name, settings, at), document.key(path).line, at)

    def _told(self, path: Path, value: object) -> str:
        """A value as a message shows it; one that comes from the environment may be a secret."""
        variables = self._document.variables
        return f"what {variables[path]} holds" if path in variables else _shown(value)

    def _spec(self, name: str, content: dict[str, Any]) -> NodeSpec | None:
        path: Path = ("nodes", name, "type")
        if "type" not in content:
            hint = _nearest("type", content, "it stands there as '{}'") or "add 'type: ...'"
            self._problem(self._document.key(path[:2]), f"the node '{name}' has no type", hint)
            return None
        type_ = content["type"]
        spec = self._registry.get(type_) if isinstance(type_, str) else None
        if spec is None and path not in self._document.broken:
            hint = _nearest(str(type_), self._registry) or "'aischoco.py nodes' lists the types"
            self._problem(self._document.value(path), f"there is no node type {self._told(path, type_)}", hint)
        return spec

    def _inputs(self, name: str, spec: NodeSpec, content: dict[str, Any]) -> dict[str, str]:
        path: Path = ("nodes", name)
        found = {port.name: port.name for port in spec.inputs if port.name in content}
        if "in" in content:
            if not spec.inputs:
                message = f"{spec.name} is a source: it takes nothing"
                self._problem(self._document.key((*path, "in")), message, "delete 'in'")
            elif spec.inputs[0].name in found:
                port = spec.inputs[0].name
                message = f"'{port}' and 'in' are the same input of {spec.name}"
                self._problem(self._document.key((*path, port)), message, "write both into one list")
            else:
                found = {spec.inputs[0].name: "in"} | found
        return found

    def _settings(self, name: str, spec: NodeSpec, given: dict[str, Any]) -> Settings | None:
        path: Path = ("nodes", name)
        fields = spec.settings.model_fields
        words = [*fields, *(port.name for port in spec.inputs), *NODE_KEYS]
        unknown = [key for key in given if key not in fields]
        for key in unknown:
            hint = _nearest(key, words) or "it has " + ", ".join(words)
            self._problem(self._document.key((*path, key)), f"{spec.name} has no '{key}'", hint)
        known = {key: value for key, value in given.items() if key not in unknown}
        for key in fields_with(spec.settings, SecretStr) & known.keys():
            self._secret((*path, key), known[key])
        settings = self._validated(spec.settings, known, path, f"the node '{name}'")
        for key, value in settings or ():
            self._secrets((*path, key), value)
        return settings

    def _secrets(self, path: Path, value: object) -> None:
        """Secrets in lists of settings, which only the checked settings tell from other text."""
        if isinstance(value, tuple | list):
            for index, each in enumerate(cast(Iterable[object], value)):
                for key, inner in each if isinstance(each, Settings) else ():
                    if isinstance(inner, SecretStr):
                        self._secret((*path, index, key), inner.get_secret_value())
                    self._secrets((*path, index, key), inner)

    def _secret(self, path: Path, value: object) -> None:
        if isinstance(value, str) and value and path not in self._document.variables and self._document.holds(path):
            hint = f'write "${{{str(path[-1]).upper()}}}" and put the value into the file .env'
            self._problem(self._document.value(path), f"{path[-1]} is a secret and cannot stand in a graph", hint)

    def _validated(self, model: type[Settings], given: dict[str, Any], path: Path, owner: str) -> Any:
        """The settings, or None after its problems were taken down."""
        schema = settings_schema(model)
        traps = [
            key
            for key, value in given.items()
            if isinstance(value, bool) and "true or false" not in in_words(part(schema, (key,)) or {})
        ]
        for key in traps:
            self._wrong_value(schema, (*path, key), (key,), given[key], [])
        try:
            settings = model.model_validate(given)
        except ValidationError as error:
            wrong: dict[Path, list[Any]] = {}
            for found in error.errors(include_url=False):
                if found["type"] == "missing":
                    within = self._written(path, found["loc"][:-1])
                    self._missing(schema, path, (*within, found["loc"][-1]), owner)
                    continue
                location = self._written(path, found["loc"])
                wrong.setdefault(location, []).append(found)
            for location, errors in wrong.items():
                if location[:1] not in [(key,) for key in traps]:
                    self._wrong_value(schema, (*path, *location), location, _at(given, location), errors)
            return None
        return None if traps else settings

    def _written(self, path: Path, location: Path) -> Path:
        """A place as the file has it: pydantic also names the branch of a union that it tried."""
        found: Path = ()
        for key in location:
            if self._document.holds((*path, *found, key)):
                found = (*found, key)
        return found

    def _missing(self, schema: dict[str, Any], path: Path, location: Path, owner: str) -> None:
        around = (*path, *location[:-1])
        if len(location) > 1:
            owner = ".".join(map(str, location[:-1]))
        about = (part(schema, location) or {}).get("description", "")
        mark = self._document.key(around)
        self._problem(mark, f"{owner} needs {location[len(location) - 1]}", about[:1].lower() + about[1:].rstrip("."))

    def _wrong_value(
        self, schema: dict[str, Any], path: Path, location: Path, value: object, errors: list[Any]
    ) -> None:
        document = self._document
        if any(path[: len(broken)] == broken for broken in document.broken):
            return
        name = ".".join(map(str, location)) or str(path[-1])
        kinds = {error["type"] for error in errors}
        if "extra_forbidden" in kinds:
            words = keys(part(schema, location[:-1]) or {})
            hint = _nearest(name.rpartition(".")[2], words) or "what is known: " + ", ".join(dict.fromkeys(words))
            self._problem(document.key(path), f"'{name}' is not known here", hint)
            return
        for error in errors:
            if error["type"].startswith("union_tag"):  # which of several kinds of mapping it is
                key, tag = error["ctx"]["discriminator"].strip("'"), error["ctx"].get("tag")
                words = choices(part(schema, (*location, key)) or {})
                message = f"{name} needs {key}" if tag is None else f"{name}: there is no {key} '{tag}'"
                self._problem(document.value(path), message, _nearest(tag or "", words) or "one of " + ", ".join(words))
                return
            if error["type"] in ("value_error", "assertion_error"):
                self._problem(document.value(path), f"{name}: {error['ctx']['error']}")
                return
        allowed = part(schema, location)
        expected = in_words(allowed) if allowed else errors[0]["msg"][:1].lower() + errors[0]["msg"][1:]
        shown = self._told(path, value)
        hint = _nearest(str(value), choices(allowed)) if allowed else ""
        if "string_type" in kinds and isinstance(value, int | float):
            hint = "put it in quotes"
        if "a secret" in expected:
            shown, hint = "this", 'name a variable, such as "${TOKEN}"'
        message = f"{name} must be {expected}, not {shown}" if allowed else f"{name}: {expected}"
        self._problem(document.value(path), message, hint)

    def _files(self, path: Path, settings: Settings) -> None:
        for name in sorted(fields_with(type(settings), Watched)):
            given = (*path, name)
            mark = self._document.value(given) if self._document.holds(given) else self._document.key(path)
            for file in _paths(getattr(settings, name)):
                if not (self._root / file).is_file():
                    message = f"{name}: there is no file {file.as_posix()}"
                    self._problem(mark, message, _nearest_file(self._root, file))

    def _wires(self, name: str) -> Iterator[tuple[Path, Wire]]:
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
                    message = f"{_named(reference.source, output, self._places)} is connected here twice"
                    self._problem(self._document.value(reference.path), message, "delete one")
                    continue
                seen.add(ends)
                policy = self._policy(reference, output)
                yield reference.path, Wire(reference.source, output.name, name, port.name, policy, port.feedback)

    def _references(self, path: Path, value: Any) -> Iterator[_Reference]:
        document = self._document
        if isinstance(value, list):
            items = [((*path, i), item) for i, item in enumerate(cast(list[Any], value))]
            if not items:
                self._problem(document.value(path), f"'{path[-1]}' is an empty list", "name a node")
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
                    self._problem(document.value(place), "this edge has no 'from'", "write {from: node, ...}")
                    continue
            if not isinstance(text, str):
                hint = "write node, node.port or a list of them"
                self._problem(document.value(place), f"'{path[-1]}' must name a node, not {_shown(text)}", hint)
            elif place not in document.broken and options is not None:
                source, _, output = text.partition(".")
                yield _Reference(source, output, place, options)

    def _options(self, given: dict[str, Any], path: Path) -> EdgeOptions | None:
        words = [*EdgeOptions.model_fields, "from"]
        unknown = [key for key in given if key not in words]
        for key in unknown:
            hint = _nearest(key, words) or "it has " + ", ".join(words)
            self._problem(self._document.key((*path, key)), f"an edge has no '{key}'", hint)
        known = {key: value for key, value in given.items() if key not in unknown}
        return self._validated(EdgeOptions, known, path, "the edge")

    def _policy(self, reference: _Reference, output: Port) -> Policy:
        given = reference.options.model_dump(exclude_unset=True)
        overflow = given.get("overflow", output.event.overflow)
        senseless = {
            "latest": ("capacity", "an edge with 'latest' keeps one event"),
            "sure": ("max_age_s", "an edge with 'sure' drops nothing"),
        }.get(overflow)
        if senseless is not None and given.get(senseless[0]) is not None:
            mark = self._document.key((*reference.path[:-1], senseless[0]))
            self._problem(mark, senseless[1], f"delete '{senseless[0]}'")
        usual = Policy.of(output.event)
        if overflow != usual.overflow:
            capacity = 1 if overflow == "latest" else output.event.capacity
            usual = replace(usual, capacity=capacity, max_age_s=None if overflow == "sure" else usual.max_age_s)
        return replace(usual, **given)

    def _source(self, reference: _Reference) -> _Place | None:
        """The node that a reference names; None if there is none, or nothing can be said of it."""
        if reference.source not in self._nodes:
            hint = _nearest(reference.source, self._nodes) or "the nodes are " + _some(self._nodes)
            message = f"there is no node {self._told(reference.path, reference.source)}"
            self._problem(self._document.value(reference.path), message, hint)
        return self._places.get(reference.source)

    def _output(self, reference: _Reference, target: str, port: Port) -> Port | None:
        """The output that a reference means: the one it names, else the only one that fits the input."""
        place = self._source(reference)
        if place is None:
            return None
        source, mark = reference.source, self._document.value(reference.path)
        outputs = place.spec.outputs
        names = [output.name for output in outputs]
        fitting = [output.name for output in outputs if issubclass(output.event, port.event)]
        meant = reference.output or (fitting[0] if len(fitting) == 1 else names[0] if len(names) == 1 else "")
        output = place.spec.output(meant)
        if not outputs:
            self._problem(mark, f"{source} ({place.spec.name}) gives nothing", self._fitting(target, port))
        elif output is None and reference.output:
            hint = _nearest(reference.output, names) or "it gives " + ", ".join(names)
            told = self._told(reference.path, reference.output)
            self._problem(mark, f"{source} ({place.spec.name}) has no output {told}", hint)
        elif output is None and fitting:
            hint = "write " + " or ".join(f"{source}.{name}" for name in fitting)
            self._problem(mark, f"{source} ({place.spec.name}) gives {' and '.join(names)}", hint)
        elif output is None or output.name not in fitting:
            shown = source if output is None else _named(source, output, self._places)
            given = " and ".join(gift.event.__name__ for gift in ([output] if output else outputs))
            message = f"{shown} gives {given}, but {self._places[target].spec.name} takes"
            message += f" {port.event.__name__} at {port.name}"
            self._problem(mark, message, self._fitting(target, port))
        else:
            return output
        return None

    def _fits(self, target: str, port: Port) -> list[str]:
        """What could be connected to an input, as it is written."""
        return [
            _named(name, output, self._places)
            for name, place in self._places.items()
            for output in place.spec.outputs
            if name != target and issubclass(output.event, port.event)
        ]

    def _fitting(self, target: str, port: Port) -> str:
        fits = self._fits(target, port)
        return f"what fits: {_some(fits)}" if fits else f"nothing else in this graph gives {port.event.__name__}"

    def _unconnected(self, name: str, spec: NodeSpec, port: Port) -> None:
        key = "in" if port is spec.inputs[0] else port.name
        fits = self._fits(name, port)
        hint = f"add '{key}: {fits[0]}'" if len(fits) == 1 else f"add '{key}: ...'; {self._fitting(name, port)}"
        message = f"the node '{name}' gets no {port.event.__name__} at {port.name}"
        self._problem(self._document.key(("nodes", name)), message, hint)

    def _cycles(self, wires: list[tuple[Path, Wire]]) -> None:
        """Report every cycle that does not pass a feedback port, at the wire that leads back in the file."""
        forward = {(wire.source, wire.target): path for path, wire in reversed(wires) if not wire.feedback}
        order = {name: number for number, name in enumerate(self._nodes)}
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
            ports = [
                f"{port.name} of {name}" for name in names for port in self._places[name].spec.inputs if port.feedback
            ]
            hint = "a cycle can close only through a feedback port" + (f": {_some(ports)}" if ports else "")
            shown = " -> ".join([*names, names[0]])
            message = f"a cycle: {shown}" if len(names) > 1 else f"the node '{names[0]}' feeds itself"
            self._problem(self._document.value(forward.pop((names[-1], names[0]))), message, hint)


def _named(name: str, output: Port, places: Mapping[str, _Place]) -> str:
    return name if len(places[name].spec.outputs) == 1 else f"{name}.{output.name}"


def _nearest(word: str, words: Iterable[str], say: str = "did you mean '{}'?") -> str:
    found = get_close_matches(word[:40], islice(words, 200), 1)
    return say.format(found[0]) if found else ""


def _nearest_file(root: File, file: File) -> str:
    folder = (root / file).parent
    try:
        names = [entry.name for entry in islice(folder.iterdir(), 500) if entry.is_file()]
    except OSError:
        return f"there is no folder {file.parent.as_posix()} either"
    return _nearest(file.name, names, f"did you mean '{(file.parent / '{}').as_posix()}'?")


def _some(words: Iterable[str]) -> str:
    found = list(islice(words, 9))
    return ", ".join(found[:8]) + (" ..." if len(found) > 8 else "")


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 40 else f"'{value[:37]}...'"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    return "nothing" if value is None else json.dumps(value)


def _at(data: Any, location: Path) -> Any:
    for key in location:
        data = data[key]
    return data


def _paths(value: object) -> list[File]:
    if isinstance(value, File):
        return [value]
    if isinstance(value, list | tuple):
        return [path for item in cast(Iterable[object], value) for path in _paths(item)]
    if isinstance(value, dict):
        return _paths(list(cast(dict[object, object], value).values()))
    return []
