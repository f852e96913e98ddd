"""Reads what a graph's text says for each setting: as it is written, in which line, by which variable. No secret."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, cast

from graphs.engine.editing.draft import Draft
from graphs.engine.language.document import Path
from graphs.engine.language.schema import settings_schema
from graphs.engine.log.redact import HIDDEN, Redactor
from graphs.engine.studio.types import form_of
from nodes import NodeSpec
from schemas.graph import GraphError, NodeEntry
from schemas.settings import Settings

VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)")
"""A variable in a text of a graph."""


def written_state(
    text: str,
    file: str,
    registry: Mapping[str, NodeSpec],
    running: Mapping[str, NodeEntry],
    redact: Redactor,
) -> dict[str, Any]:
    """Return the nodes of a text with their settings: ``value`` as it is written, ``line``, ``variables`` within it,
    and for those the value ``now`` in a running node. Of a secret there are only the variables.

    Args:
        running: the nodes that run now, if this text is theirs.

    Raises:
        GraphError: the text is not a graph's.
    """
    draft = Draft(text, file, registry)
    nodes = draft.data.get("nodes")
    top = {key: _top(draft, key) for key in ("character",) if key in draft.data}
    found = [
        _node(draft, name, cast(dict[str, Any], body), registry, running.get(name), redact)
        for name, body in (cast(dict[str, Any], nodes) if isinstance(nodes, dict) else {}).items()
        if isinstance(body, dict)
    ]
    return {"graph": top, "nodes": found}


def _top(draft: Draft, key: str) -> dict[str, Any]:
    return {"value": draft.data[key], "line": _line(draft, (key,))}


def _node(
    draft: Draft,
    name: str,
    body: dict[str, Any],
    registry: Mapping[str, NodeSpec],
    entry: NodeEntry | None,
    redact: Redactor,
) -> dict[str, Any]:
    type_ = body.get("type")
    spec = registry.get(type_) if isinstance(type_, str) else None
    known = spec.settings.model_fields if spec is not None else {}
    now = entry.settings.model_dump(mode="json") if entry is not None and entry.type == type_ else {}
    settings: dict[str, Any] = {}
    for key in (key for key in body if key in known and spec is not None):
        value, path = body[key], ("nodes", name, key)
        said: dict[str, Any] = {"line": _line(draft, path)}
        variables = sorted(_variables(value))
        if variables:
            said["variables"] = variables
        if spec is not None and form_of(spec.settings, key)["kind"] == "secret":
            said["hidden"] = not variables and bool(value)
        else:
            said["value"] = redact.data(_without(value, _secrets(spec.settings) if spec is not None else frozenset()))
            if variables and key in now:
                said["now"] = redact.data(now[key], key)
        settings[key] = said
    line = _line(draft, ("nodes", name))
    return {"name": name, "type": type_ if isinstance(type_, str) else "", "line": line, "settings": settings}


@cache
def _secrets(settings: type[Settings]) -> frozenset[str]:
    """Return the names of secrets within lists and mappings of settings."""
    inner = settings_schema(settings).get("$defs", {}).values()
    properties = [each for definition in inner for each in definition.get("properties", {}).items()]
    return frozenset(name for name, schema in properties if schema.get("format") == "password")


def _without(value: object, secrets: frozenset[str]) -> object:
    """Return a value in which a secret is only its variable, or hidden; what is hidden cannot be saved again."""
    if isinstance(value, list):
        return [_without(each, secrets) for each in cast(list[object], value)]
    if not isinstance(value, dict):
        return value
    items = cast(dict[str, object], value).items()
    return {key: _only_variable(each) if key in secrets and each else _without(each, secrets) for key, each in items}


def _only_variable(value: object) -> str:
    (name,) = list(_variables(value))[:1] or [""]
    return f"${{{name}:-}}" if name else HIDDEN


def _variables(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield from VARIABLE.findall(value)
    elif isinstance(value, list | dict):
        inner = cast(dict[str, object], value).values() if isinstance(value, dict) else cast(list[object], value)
        for each in inner:
            yield from _variables(each)


def _line(draft: Draft, path: Path) -> int:
    try:
        return draft.follow(path, key=isinstance(path[-1], str)).line
    except GraphError:
        return 1
