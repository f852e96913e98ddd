"""Describes the settings of each node type so that a page can make forms of them: what may be given, in which unit."""

import re
from collections.abc import Mapping, Set
from functools import cache
from typing import Any, cast

from pydantic import SecretStr

from graphs.engine.language.heading import NAMELESS
from graphs.engine.language.schema import LONGEST_NAME, Json, choices, settings_schema, ways
from graphs.engine.studio.cards import CARDS, place_of
from graphs.engine.studio.tempers import tempers_state
from nodes import NodeSpec, Port, offers
from nodes.phrases import described, noted
from schemas.event import Event
from schemas.settings import Live, Settings, Watched, fields_with

UNITS = {"s": "s", "ms": "ms", "db": "dB", "hz": "Hz", "h": "h"}
"""Last word of a setting's name -> its unit."""
_PATHS = ("path", "file-path", "directory-path")
_ENDS = (("min", "minimum"), ("max", "maximum"), ("above", "exclusiveMinimum"), ("below", "exclusiveMaximum"))
_SUGGESTED = re.compile(r"\$\{([A-Z][A-Z0-9_]*)")
_CHARACTER = (noted("Name of the character"), noted("Persona, answers and pages write it as {character}."))


def types_state(registry: Mapping[str, NodeSpec]) -> dict[str, Any]:
    """Return everything that ``GET /api/settings/types`` answers: cards, tempers, the graph's own keys, node types."""
    events = {port.event for spec in registry.values() for port in spec.outputs}
    return {
        "cards": list(CARDS),
        "tempers": tempers_state(registry),
        "graph": [_character()],
        "types": {
            name: {
                "about": described(spec.summary),
                "settings": [_setting(spec, key) for key in _keys(spec)],
                "inputs": [_input(port, events) for port in spec.inputs],
                "outputs": [{"name": port.name, "event": port.event.__name__} for port in spec.outputs],
            }
            for name, spec in sorted(registry.items())
        },
    }


def _input(port: Port, events: Set[type[Event]]) -> dict[str, Any]:
    """Describe an input; ``takes`` names the events of outputs that fit it."""
    takes = sorted(event.__name__ for event in events if issubclass(event, port.event))
    said = {"name": port.name, "event": port.event.__name__, "takes": takes}
    return said | {"optional": port.optional, "feedback": port.feedback}


@cache
def form_of(settings: type[Settings], name: str) -> Mapping[str, Any]:
    """Describe what a setting may hold.

    ``kind`` is ``switch``, ``number``, ``whole``, ``choice``, ``text``, ``list``, ``marks`` (any of ``choices``),
    ``map``, ``secret``, ``file`` (a person writes what is in it), ``path`` or ``other``. ``words`` are texts that may
    stand for the value, ``empty`` whether null may.
    """
    schema = settings_schema(settings)
    found: Json = {**schema["properties"][name], "$defs": schema.get("$defs", {})}
    all_ways = ways(found)
    rest = [way for way in all_ways if way.get("type") != "null"]
    form: dict[str, Any] = {"kind": "other", "empty": len(rest) < len(all_ways)}
    if name in fields_with(settings, SecretStr):
        return form | {"kind": "secret"}
    for way in rest:
        form |= _kind({**way, "$defs": found["$defs"]}, watched=name in fields_with(settings, Watched))
        if form["kind"] not in ("choice", "other"):
            break
    words = [word for way in rest for word in choices({**way, "$defs": found["$defs"]})]
    if words and form["kind"] in ("number", "whole", "text"):
        form["words"] = words
    return form


def _kind(way: Json, *, watched: bool) -> dict[str, Any]:
    match way.get("type"):
        case "boolean":
            return {"kind": "switch"}
        case "number" | "integer":
            ends = {end: way[key] for end, key in _ENDS if key in way}
            return {"kind": "number" if way["type"] == "number" else "whole", **ends}
        case "array":
            return _list(way, watched=watched)
        case "object":
            return _map(way)
        case "string" if "enum" in way or "const" in way:
            return {"kind": "choice", "choices": choices(way)}
        case "string":
            kind = ("file" if watched else "path") if way.get("format") in _PATHS else "text"
            return {"kind": kind} | ({"least": way["minLength"]} if "minLength" in way else {})
        case _:
            return {"kind": "other"}


def _list(way: Json, *, watched: bool) -> dict[str, Any]:
    (item,) = ways({**way.get("items", {}), "$defs": way["$defs"]})[:1] or [{}]
    if "enum" in item:
        return {"kind": "marks", "choices": [str(each) for each in item["enum"]]}
    if item.get("type") in ("string", "number", "integer"):
        return {"kind": "list", "of": item["type"], "files": watched}
    return {"kind": "other"}


def _map(way: Json) -> dict[str, Any]:
    return {"kind": "map" if _of_texts(way) else "other"}


def _of_texts(way: Json) -> bool:
    value = way.get("additionalProperties")
    return isinstance(value, dict) and cast(Json, value).get("type") == "string"


def suggested(registry: Mapping[str, NodeSpec], *, secret: bool = False) -> set[str]:
    """Return the variables that the descriptions of settings name, or only those of secrets."""
    found = (
        _suggestion(spec, name)
        for spec in registry.values()
        for name in (fields_with(spec.settings, SecretStr) if secret else _keys(spec))
    )
    return {name for name in found if name}


def _suggestion(spec: NodeSpec, name: str) -> str:
    match = _SUGGESTED.search(spec.settings.model_fields[name].description or "")
    return match[1] if match is not None else ""


def _keys(spec: NodeSpec) -> list[str]:
    return list(spec.settings.model_fields)


def _setting(spec: NodeSpec, name: str) -> dict[str, Any]:
    field = spec.settings.model_fields[name]
    schema = settings_schema(spec.settings)
    card, place = place_of(spec.name, name)
    said: dict[str, Any] = {
        "name": name,
        "title": described(field.title) if field.title else name,
        "about": described(field.description) if field.description else "",
        "card": card,
        "place": place,
        "unit": UNITS.get(name.rpartition("_")[2], "") if "_" in name else "",
        "live": name in fields_with(spec.settings, Live),
        "needed": field.is_required(),
        **form_of(spec.settings, name),
    }
    if suggestion := _suggestion(spec, name):
        said["variable"] = suggestion
    if offered := offers.registered.get(f"{spec.name}.{name}"):
        said["offers"] = {"hear": offered.hear is not None, "endings": list(offered.endings)}
    if said["kind"] != "secret" and not field.is_required():
        said["default"] = _default(schema["properties"][name], field.get_default(call_default_factory=True))
    return said


def _default(schema: Json, value: Any) -> Any:
    if "default" in schema:
        return schema["default"]
    return value if isinstance(value, str | int | float | bool | None) else None


def _character() -> dict[str, Any]:
    title, about = _CHARACTER
    card, place = place_of("", "character")
    said = {"name": "character", "title": described(title), "about": described(about), "card": card, "place": place}
    limits = {"kind": "text", "least": 1, "longest": LONGEST_NAME, "default": NAMELESS}
    return said | limits | {"unit": "", "live": False, "needed": False, "empty": False}
