"""Derives the language in which each node's words are spoken: that of the nearest voice behind it."""

from collections.abc import Iterable, Mapping

from nodes import NodeSpec
from schemas.graph import NodeEntry, Wire
from schemas.language import Language, first_of, spoken_by
from schemas.speech import Speech


def is_voice(spec: NodeSpec) -> bool:
    """Whether a node makes speech of text."""
    return any(issubclass(port.event, Speech) for port in spec.outputs) and not any(
        issubclass(port.event, Speech) for port in spec.inputs
    )


def mixed(entry: NodeEntry, spec: NodeSpec) -> tuple[Language, ...]:
    """Return the languages of a voice that names more than one; empty if all is well."""
    found = tuple(dict.fromkeys(spoken_by(entry.settings))) if is_voice(spec) else ()
    return found if len(found) > 1 else ()


def languages(
    entries: Mapping[str, NodeEntry], wires: Iterable[Wire], registry: Mapping[str, NodeSpec]
) -> dict[str, Language]:
    """Map each node to the language of the nearest voice behind it; of several that are as near, the first."""
    before: dict[str, list[str]] = {}
    for wire in wires:
        if not wire.feedback:
            before.setdefault(wire.target, []).append(wire.source)
    found: dict[str, Language] = {}
    for name, entry in entries.items():
        if is_voice(registry[entry.type]):
            found[name] = first_of(entry.settings)
    reached = list(found)
    for name in reached:  # grows: breadth first
        for source in before.get(name, ()):
            if source not in found:
                found[source] = found[name]
                reached.append(source)
    return found
