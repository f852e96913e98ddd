"""Gives a node another type; if asked, whatever the new type cannot hold goes, and all else stays as it is written."""

from collections.abc import Iterator

from graphs.engine.editing.draft import Draft
from graphs.engine.editing.references import inputs, items, named, nodes_of, references
from graphs.engine.editing.settings import set_value, unset
from graphs.engine.editing.wires import drop, there
from graphs.engine.language.schema import NODE_KEYS
from nodes import NodeSpec, Port


def retype(draft: Draft, node: str, type_: str, *, fit: bool = False) -> None:
    """Write another type for a node.

    Args:
        fit: whether settings go that the new type does not have, and connections that fit none of its ports. An input
            stays connected at the one of the same name, or as the first one; what takes from the node stays connected
            if the new type gives such an event.

    Raises:
        GraphError: there is no such node, or the text cannot be changed so.
    """
    old, new = _spec(draft, node), draft.registry.get(type_)
    if fit and new is not None:
        _leave_settings(draft, node, old, new)
        _leave_inputs(draft, node, old, new)
        _leave_outputs(draft, node, new)
    set_value(draft, ("nodes", node, "type"), type_)


def _spec(draft: Draft, node: str) -> NodeSpec | None:
    type_ = there(draft, node).get("type")
    return draft.registry.get(type_) if isinstance(type_, str) else None


def _port(spec: NodeSpec | None, key: str) -> Port | None:
    """Return the input that a key of a node stands for."""
    if spec is None or not spec.inputs:
        return None
    return spec.inputs[0] if key == "in" else spec.input(key)


def _leave_settings(draft: Draft, node: str, old: NodeSpec | None, new: NodeSpec) -> None:
    ports = {"in", *(port.name for spec in (old, new) if spec is not None for port in spec.inputs)}
    for key in there(draft, node):
        if key not in ports | NODE_KEYS.keys() | new.settings.model_fields.keys():
            unset(draft, ("nodes", node, key))


def _leave_inputs(draft: Draft, node: str, old: NodeSpec | None, new: NodeSpec) -> None:
    body = there(draft, node)
    for key in inputs(body, draft.registry):
        was = _port(old, key)
        into = _successor(old, was, new, body) if was is not None else _port(new, key)
        left = [item for item in items(body[key]) if _keeps(draft, node, named(item), was, into, new)]
        if len(left) < len(items(body[key])):
            drop(draft, ("nodes", node, key), left)
        if left and into is not None and _port(new, key) is not into:
            _rename_key(draft, node, key, "in" if into is new.inputs[0] else into.name)


def _successor(old: NodeSpec | None, was: Port, new: NodeSpec, body: dict[str, object]) -> Port | None:
    """Return the input of the new type that takes what an old one took: of the same name, or else first for first."""
    if (same := new.input(was.name)) is not None:
        return same
    is_first = old is not None and was is old.inputs[0] and bool(new.inputs)
    return new.inputs[0] if is_first and new.inputs[0].name not in body else None


def _keeps(draft: Draft, node: str, said: str, was: Port | None, into: Port | None, new: NodeSpec) -> bool:
    if into is None or (was is not None and was.feedback and not into.feedback):
        return False
    source, _, output = said.partition(".")
    if source not in nodes_of(draft.data):
        return True  # the check says what is wrong with it
    spec = new if source == node else _spec(draft, source)
    return spec is None or bool(list(_giving(spec, into, output)))


def _giving(spec: NodeSpec, into: Port, output: str = "") -> Iterator[str]:
    """Yield the outputs of a type that fit an input."""
    for each in spec.outputs:
        if issubclass(each.event, into.event) and output in ("", each.name):
            yield each.name


def _rename_key(draft: Draft, node: str, key: str, new: str) -> None:
    """Write an input under the name that the new type has for it."""
    place = draft.walk(("nodes", node, key)).key
    if place is not None:
        draft.patch((draft.body(place), place.end, new))


def _leave_outputs(draft: Draft, node: str, new: NodeSpec) -> None:
    """Let other nodes take from the new type what they took from the old one, or nothing."""
    for name, body in nodes_of(draft.data).items():
        spec = _spec(draft, name) if name != node else None
        for key in inputs(body, draft.registry) if spec is not None else ():
            into = _port(spec, key)
            taken = items(body[key])
            left = [item for item in taken if into is None or _gives(node, named(item), new, into)]
            if len(left) < len(taken):
                drop(draft, ("nodes", name, key), left)
    for each in [each for each in references(draft.data, draft.registry) if each.names(node) and not each.key]:
        into = _port(_spec(draft, str(each.path[1])), str(each.path[2])) if each.path[1] != node else None
        output = each.text.partition(".")[2]
        if into is None or list(_giving(new, into, output)) == [output]:
            continue
        fitting = list(_giving(new, into))
        said = node if len(fitting) == 1 else f"{node}.{fitting[0]}"
        if each.text != said:
            set_value(draft, each.path, said)


def _gives(node: str, said: str, new: NodeSpec, into: Port) -> bool:
    return said.partition(".")[0] != node or bool(list(_giving(new, into)))
