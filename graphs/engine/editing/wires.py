"""Connects and disconnects the inputs of nodes in the text of a graph."""

from copy import deepcopy
from typing import Any, cast

from graphs.engine.editing.draft import Draft
from graphs.engine.editing.places import Place
from graphs.engine.editing.references import items, named, nodes_of, ports
from graphs.engine.editing.settings import put, set_value, unset
from graphs.engine.editing.splice import replace
from graphs.engine.editing.writing import CannotWrite, rendered
from graphs.engine.language.document import Path
from nodes.phrases import phrase, said_by


def connect(draft: Draft, node: str, port: str, source: str) -> None:
    """Let an input of a node take from ``source`` (``node`` or ``node.port``) too.

    Raises:
        GraphError: there is no such input, it already takes from there, or the text cannot be changed so.
    """
    body, names, path = _input(draft, node, port)
    if path[-1] not in body:
        others = [key for key in body if key in {"type", "in", *names}]
        set_value(draft, path, source, others[-1] if others else None)
        return
    if any(named(item) == source for item in items(body[path[-1]])):
        draft.refuse_at(path, phrase("{input} takes from {source} already", input=f"{node}.{port}", source=source))
    wish = deepcopy(draft.data)
    wish["nodes"][node][path[-1]] = [*items(body[path[-1]]), source]
    try:
        _append(draft, path, body[path[-1]], source)
    except CannotWrite as error:
        draft.refuse_at(path, said_by(error))
    draft.expect(wish, path)


def disconnect(draft: Draft, node: str, port: str, source: str) -> None:
    """Let an input of a node take from ``source`` no more; an input that then takes from nothing is removed.

    Raises:
        GraphError: there is no such input, it does not take from there, or the text cannot be changed so.
    """
    body, _, path = _input(draft, node, port)
    connected = items(body[path[-1]]) if path[-1] in body else []
    left = [item for item in connected if named(item) != source]
    if len(left) == len(connected):
        draft.refuse_at(path, phrase("{input} does not take from {source}", input=f"{node}.{port}", source=source))
    drop(draft, path, left)


def drop(draft: Draft, path: Path, left: list[Any]) -> None:
    """Leave only these items of the input at ``path``, or nothing; a list of one on one line loses its brackets.

    Raises:
        GraphError: the text cannot be changed so.
    """
    if not left:
        unset(draft, path)
        return
    set_value(draft, path, left)
    place = draft.walk(path).place
    start, end = place.start, place.end
    if len(left) > 1 or not place.flow or place.anchor or "\n" in draft.text[start:end]:
        return
    item: Place = place.children[0]
    wish: Any = deepcopy(draft.data)
    wish[path[0]][path[1]][path[2]] = left[0]
    draft.patch((start, item.start, ""), (draft.tail(item), end, ""))
    draft.expect(wish, path)


def there(draft: Draft, node: str) -> dict[str, Any]:
    """Return what the graph says of a node; refuse the edit if it says nothing."""
    body = nodes_of(draft.data).get(node)
    if not isinstance(body, dict):
        draft.refuse_at(("nodes",), phrase("there is no node {name}", name=node))
    return cast(dict[str, Any], body)


def _input(draft: Draft, node: str, port: str) -> tuple[dict[str, Any], list[str], Path]:
    """Return what the graph says of the node, its inputs, and the path of this one."""
    body = there(draft, node)
    names = ports(body, draft.registry)
    if port not in names:
        hint = phrase("it has {words}", words=", ".join(names)) if names else ""
        draft.refuse_at(("nodes", node), phrase("{node} has no input {port}", node=node, port=port), hint)
    key = "in" if port == names[0] and port not in body else port
    return body, names, ("nodes", node, key)


def _append(draft: Draft, path: Path, old: Any, source: str) -> None:
    place = draft.walk(path).place
    if isinstance(old, list):
        put(draft, path, [*cast(list[Any], old), source])
        return
    draft.owned(place, path)
    brackets = place.flow or (place.style not in ("|", ">") and place.kind == "scalar" and place.start < place.end)
    if brackets and not place.anchor:  # its own text stays
        draft.patch((place.start, place.start, "["), (place.end, place.end, f", {rendered(source)}]"))
    else:
        replace(draft, path, [old, source])
