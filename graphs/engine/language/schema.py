"""Defines the vocabulary of the graph language: what may be written where, in words and as JSON Schema for editors."""

import json
from collections.abc import Mapping
from functools import cache, reduce
from pathlib import PurePath
from typing import Any, cast

from pydantic import Field

from nodes import NodeSpec, Port
from nodes.phrases import Phrase, described, noted, phrase
from schemas.event import Overflow
from schemas.settings import Settings

Json = dict[str, Any]

NODE_NAME = r"^[^\W\d][\w-]*$"
"""A letter of any script, then letters, digits, ``_`` and ``-``."""
TOP_KEYS: Mapping[str, str] = {
    "name": noted("What the graph is called; without it, as its file."),
    "character": noted("The character's name; texts of the graph and of watched files write it as {character}."),
    "nodes": noted("The nodes of the graph by name."),
    "tests": noted("Tests of the graph in marbles, run by `aischoco.py test`."),
    "budget_s": noted("Seconds from a message to its first sound that the graph promises."),
    "about": noted("A sentence for the list of graphs in the dock, or one for each language: {ko: ..., en: ...}."),
    "example": noted("Whether the list of graphs keeps this one folded, among the examples."),
}
LONGEST_ABOUT = 200
"""What a graph says about itself has at most this many characters."""
LONGEST_NAME = 30
"""A character's name has at most this many characters."""
NODE_KEYS: Mapping[str, str] = {
    "type": noted("Which node this is; `aischoco.py nodes` lists them."),
    "at": noted("The place where the node runs; without it, here."),
}
_VARIABLE: Json = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^{}]*)?\}"}

_SENTENCE: Json = {"type": "string", "minLength": 1, "maxLength": LONGEST_ABOUT}


class EdgeOptions(Settings):
    """What a graph may say about one edge besides where it comes from."""

    overflow: Overflow = Field(
        "block",
        description="When full: fresh drops the oldest, sure keeps everything, block makes the producer wait, latest "
        "keeps one event.",
    )
    capacity: int = Field(64, ge=1, le=100_000, description="Events that the edge holds.")
    capacity_s: float | None = Field(None, gt=0, description="Seconds of sound that the edge holds; null for no limit.")
    max_age_s: float | None = Field(
        None, gt=0, description="Seconds after which a waiting event is dropped; null for never."
    )


@cache
def settings_schema(settings: type[Settings]) -> Json:
    """Give the JSON Schema of a settings model; paths in it are written with ``/`` on every system."""
    schema = settings.model_json_schema()
    for name, field in settings.model_fields.items():
        if isinstance(field.default, PurePath):
            schema["properties"][name]["default"] = field.default.as_posix()
    return schema


def part(schema: Json, path: tuple[str | int, ...]) -> Json | None:
    """Find the schema of the value at ``path``, or None if there is no single one."""
    definitions = schema.get("$defs", {})
    found: Json = schema
    for key in path:
        within: list[Json] = [inner for way in _ways(found, definitions) if (inner := _inner(way, key)) is not None]
        if not within:
            return None
        found = within[0] if len(within) == 1 else {"anyOf": within}
    return {**found, "$defs": definitions}


def keys(schema: Json) -> list[str]:
    """List the keys that a mapping may have."""
    return [key for way in _ways(schema, schema.get("$defs", {})) for key in way.get("properties", {})]


def ways(schema: Json) -> list[Json]:
    """List what a value may be: one schema for each alternative."""
    return _ways(schema, schema.get("$defs", {}))


def _ways(schema: Json, definitions: Json) -> list[Json]:
    if "$ref" in schema:
        return _ways(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    either = schema.get("anyOf") or schema.get("oneOf")
    return [way for one in either for way in _ways(one, definitions)] if either else [schema]


def _inner(schema: Json, key: str | int) -> Json | None:
    found = schema.get("items") if isinstance(key, int) else schema.get("properties", {}).get(key)
    found = found if found is not None else schema.get("additionalProperties")
    return cast(Json, found) if isinstance(found, dict) else None


def choices(schema: Json) -> list[str]:
    """List the words that a value may be, if the schema lists them."""
    found: list[str] = []
    for way in _ways(schema, schema.get("$defs", {})):
        found += [str(word) for word in way.get("enum", [way["const"]] if "const" in way else [])]
    return found


def in_words(schema: Json) -> Phrase:
    """Say what a value must be: ``a number from 0 to 60``, ``one of happy, sad``, ``text or nothing``."""
    definitions = schema.get("$defs", {})
    found = _ways(schema, definitions)
    ways = [_one({**way, "$defs": definitions}) for way in found if way.get("type") != "null"] or [phrase("nothing")]
    told = reduce(lambda one, other: phrase("{one} or {other}", one=one, other=other), dict.fromkeys(ways))
    return phrase("{told} or nothing", told=told) if len(ways) < len(found) else told


def may_be(schema: Json, kind: str) -> bool:
    """Whether a value may be of a kind of JSON Schema, or a text of a format such as ``password``."""
    return any(kind in (way.get("type"), way.get("format")) for way in ways(schema))


def _one(schema: Json) -> Phrase:
    words = choices(schema)
    if words:
        return phrase("one of {words}", words=", ".join(words)) if len(words) > 1 else phrase("'{word}'", word=words[0])
    match schema.get("type"):
        case "number" | "integer" as kind:
            return _range(phrase("a number") if kind == "number" else phrase("a whole number"), schema)
        case "array" if items := schema.get("items"):
            return phrase("a list of {items}", items=in_words({**items, "$defs": schema.get("$defs", {})}))
        case "array":
            return phrase("a list")
        case "string" if schema.get("format") in ("path", "file-path", "directory-path"):
            return phrase("a path")
        case "string":
            return phrase("a secret") if schema.get("format") == "password" else phrase("text")
        case "boolean":
            return phrase("true or false")
        case kind:
            return phrase("a mapping") if kind == "object" else phrase("a value")


def _range(kind: Phrase, schema: Json) -> Phrase:
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return phrase("{kind} from {low} to {high}", kind=kind, low=low, high=high)
    ends = [phrase("at least {end}", end=low)] if low is not None else []
    ends += [phrase("above {end}", end=above)] if above is not None else []
    ends += [phrase("at most {end}", end=high)] if high is not None else []
    ends += [phrase("below {end}", end=below)] if below is not None else []
    if not ends:
        return kind
    told = reduce(lambda one, other: phrase("{one} and {other}", one=one, other=other), ends)
    at = low is not None or (above is None and high is not None)
    of = phrase("{kind} of {ends}", kind=kind, ends=told)
    return of if at else phrase("{kind} {ends}", kind=kind, ends=told)


def graph_schema(registry: Mapping[str, NodeSpec]) -> Json:
    """Give the JSON Schema of a graph file (draft 7, for yaml-language-server), with one branch for each node type."""
    definitions: Json = {"reference": _reference(), "references": _references()}
    for spec in registry.values():
        definitions[f"node.{spec.name}"] = _node(spec, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": phrase("A graph of aischoco"),
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": TOP_KEYS["name"]},
            "character": {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST_NAME,
                "description": TOP_KEYS["character"],
            },
            "nodes": {
                "type": "object",
                "description": TOP_KEYS["nodes"],
                "minProperties": 1,
                "additionalProperties": {"oneOf": [{"$ref": f"#/$defs/node.{name}"} for name in sorted(registry)]},
            },
            "tests": {"description": TOP_KEYS["tests"]},
            "budget_s": {"type": "number", "exclusiveMinimum": 0, "description": TOP_KEYS["budget_s"]},
            "about": {
                "description": TOP_KEYS["about"],
                "anyOf": [_SENTENCE, {"type": "object", "minProperties": 1, "additionalProperties": _SENTENCE}],
            },
            "example": {"type": "boolean", "description": TOP_KEYS["example"]},
        },
        "patternProperties": {"^x-": {"description": noted("Anything: a place for anchors.")}},
        "required": ["nodes"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def text(registry: Mapping[str, NodeSpec]) -> str:
    """Write ``graph_schema`` as in schemas/graph.schema.json: keys sorted, a newline at the end."""
    return json.dumps(_told(graph_schema(registry)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _told(schema: Any) -> Any:
    """Return the schema with its descriptions in the language of the program."""
    if isinstance(schema, dict):
        return {
            key: described(value) if key == "description" and isinstance(value, str) else _told(value)
            for key, value in cast(Json, schema).items()
        }
    return [_told(each) for each in cast(list[Any], schema)] if isinstance(schema, list) else schema


def _reference() -> Json:
    options = settings_schema(EdgeOptions)["properties"]
    described = {
        name: {key: value for key, value in option.items() if key not in ("default", "title")}
        for name, option in options.items()
    }
    source = {"type": "string", "description": noted("node or node.port")}
    return {
        "anyOf": [
            source,
            {
                "type": "object",
                "properties": {"from": source, **{name: _or_variable(option) for name, option in described.items()}},
                "required": ["from"],
                "additionalProperties": False,
            },
        ]
    }


def _references() -> Json:
    return {"type": "array", "items": {"$ref": "#/$defs/reference"}, "minItems": 1}


def _node(spec: NodeSpec, definitions: Json) -> Json:
    prefix = f"{spec.name}."
    settings = _renamed(settings_schema(spec.settings), prefix)
    for name, definition in settings.get("$defs", {}).items():
        definitions[prefix + name] = definition
    properties: Json = {
        "type": {"const": spec.name, "description": spec.summary},
        "at": {"type": "string", "description": NODE_KEYS["at"]},
    }
    needed: list[Json] = []
    for port in spec.inputs:
        names = [port.name]
        if port is spec.inputs[0]:
            names.append("in")
        properties |= dict.fromkeys(names, _port(port))
        if not port.optional:
            needed.append({"anyOf": [{"required": [name]} for name in names]})
    for name, value in settings.get("properties", {}).items():
        properties[name] = _or_variable({key: part for key, part in value.items() if key != "title"})
    schema: Json = {
        "type": "object",
        "description": spec.summary,
        "properties": properties,
        "required": ["type", *settings.get("required", [])],
        "additionalProperties": False,
    }
    return {**schema, "allOf": needed} if needed else schema


def _port(port: Port) -> Json:
    event, name = port.event.__name__, port.name
    about = phrase("Takes {event} at {port}: node, node.port or a list of them.", event=event, port=name)
    closes = phrase("Closes a cycle.") if port.feedback else ""
    unwired = phrase("May stay unconnected.") if port.optional else ""
    return {
        "description": " ".join(filter(None, (about, closes, unwired))),
        "anyOf": [{"$ref": "#/$defs/reference"}, {"$ref": "#/$defs/references"}],
    }


def _or_variable(schema: Json) -> Json:
    """Extend a schema to accept ``"${NAME}"`` too, if it would not accept a text otherwise."""
    if schema.get("type") not in ("number", "integer", "boolean"):
        return schema
    outside = {key: value for key, value in schema.items() if key in ("description", "default")}
    inside = {key: value for key, value in schema.items() if key not in outside}
    return {**outside, "anyOf": [inside, _VARIABLE]}


def _renamed(schema: Any, prefix: str) -> Any:
    """Redirect the references of a schema to definitions that carry ``prefix``."""
    if isinstance(schema, dict):
        found = {key: _renamed(value, prefix) for key, value in cast(Json, schema).items()}
        if isinstance(found.get("$ref"), str):
            found["$ref"] = found["$ref"].replace("#/$defs/", f"#/$defs/{prefix}")
        return found
    if isinstance(schema, list):
        return [_renamed(value, prefix) for value in cast(list[Any], schema)]
    return schema
