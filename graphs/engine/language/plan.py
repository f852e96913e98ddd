"""Plans what has to happen to turn one running graph into another, without side effects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from graphs.engine.language.order import walk
from nodes.phrases import joined, phrase
from schemas.graph import Graph, NodeEntry, Wire
from schemas.settings import Live, Settings, fields_with


@dataclass(frozen=True, slots=True)
class Diff:
    """The difference of two graphs. Every node name is in exactly one of the first six, in the order of its file."""

    kept: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    """Nodes in which only settings marked ``Live`` changed: the running instance adopts them."""
    rewired: tuple[str, ...] = ()
    """Nodes that are the same (except for live settings) but need a new generation: see ``plan``."""
    replaced: tuple[str, ...] = ()
    """Nodes with the same name but another type or other settings."""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    wires_added: tuple[Wire, ...] = ()
    wires_removed: tuple[Wire, ...] = ()
    wires_changed: tuple[Wire, ...] = ()
    """Wires of the new graph that differ only in their policy."""
    region: frozenset[str] = frozenset()
    """Nodes that must drain before the wires are changed: see ``plan``."""
    beside: bool = False
    """Whether ``budget_s`` or ``character`` changed, which stand beside the nodes."""
    changes: tuple[str, ...] = ()
    """Each difference for a person, without secrets."""

    @property
    def summary(self) -> str:
        """All differences in one line."""
        return joined(self.changes) or phrase("nothing changed")

    @property
    def empty(self) -> bool:
        changed = self.live + self.rewired + self.replaced + self.added + self.removed
        return not (changed or self.wires_added or self.wires_removed or self.wires_changed or self.beside)


def plan(old: Graph | None, new: Graph) -> Diff:
    """Compare two graphs; without an old one everything is added.

    A node is rewired, and needs a new generation although its settings stay, if it loses an in-edge and its out-edges
    change (what it took from the old edge must not leave by the new ones), or if the set of its connected input ports
    changes (it was built for the old set).

    The region holds the nodes on a cycle of old and new wires taken together: there an event could pass a node twice,
    once over the old wires and once over the new ones. Wires into feedback ports do not count: what arrives there is
    not passed on as the same event.
    """
    before: Mapping[str, NodeEntry] = old.nodes if old else {}
    old_wires = {wire.ends: wire for wire in old.wires} if old else {}
    new_wires = {wire.ends: wire for wire in new.wires}
    lost = [wire for ends, wire in old_wires.items() if ends not in new_wires]
    gained = [wire for ends, wire in new_wires.items() if ends not in old_wires]
    policies = [wire for ends, wire in new_wires.items() if ends in old_wires and old_wires[ends] != wire]
    groups: dict[str, list[str]] = {group: [] for group in ("kept", "live", "rewired", "replaced", "added")}
    for name, entry in new.nodes.items():
        group = _group(before.get(name), entry)
        if group in ("kept", "live") and _rewired(name, old_wires.values(), new_wires.values(), lost, gained):
            group = "rewired"
        groups[group].append(name)
    removed = tuple(name for name in before if name not in new.nodes)
    parts = [_said(name, before.get(name), entry, groups) for name, entry in new.nodes.items()]
    parts += [phrase("{name} removed", name=name) for name in removed]
    parts += [
        phrase("{wire} connected", wire=wire) for wire in gained if wire.source in before and wire.target in before
    ]
    parts += [
        phrase("{wire} disconnected", wire=wire)
        for wire in lost
        if wire.source in new.nodes and wire.target in new.nodes
    ]
    parts += [f"{wire}: {_policy(old_wires[wire.ends], wire)}" for wire in policies]
    beside = [key for key in ("character", "budget_s") if old is not None and getattr(old, key) != getattr(new, key)]
    parts += [f"{key} {_shown(getattr(old, key))} -> {_shown(getattr(new, key))}" for key in beside]
    return Diff(
        **{group: tuple(names) for group, names in groups.items()},
        removed=removed,
        wires_added=tuple(gained),
        wires_removed=tuple(lost),
        wires_changed=tuple(policies),
        region=_on_cycles([*old_wires.values(), *gained]) if lost and gained else frozenset(),
        beside=bool(beside),
        changes=tuple(part for part in parts if part),
    )


def changed_settings(old: Settings, new: Settings) -> list[str]:
    """Name the settings in which two nodes of one type differ."""
    return [name for name in type(new).model_fields if getattr(old, name) != getattr(new, name)]


def _group(old: NodeEntry | None, new: NodeEntry) -> str:
    if old is None:
        return "added"
    if old.fingerprint == new.fingerprint:
        return "kept"
    if old.type != new.type or old.at != new.at or type(old.settings) is not type(new.settings):
        return "replaced"
    changed = changed_settings(old.settings, new.settings)
    return "live" if fields_with(type(new.settings), Live).issuperset(changed) else "replaced"


def _rewired(name: str, old: Iterable[Wire], new: Iterable[Wire], lost: list[Wire], gained: list[Wire]) -> bool:
    loses = any(wire.target == name for wire in lost)
    turns = any(wire.source == name for wire in [*lost, *gained])
    return (loses and turns) or _connected(name, old) != _connected(name, new)


def _connected(name: str, wires: Iterable[Wire]) -> set[str]:
    return {wire.input for wire in wires if wire.target == name}


def _said(name: str, old: NodeEntry | None, new: NodeEntry, groups: Mapping[str, list[str]]) -> str:
    if old is None:
        return phrase("{name} added", name=name)
    if old.type != new.type:
        return f"{name}: {old.type} -> {new.type}"
    if old.fingerprint == new.fingerprint:
        return ""
    changes = [
        f"{key} {_shown(getattr(old.settings, key))} -> {_shown(getattr(new.settings, key))}"
        for key in changed_settings(old.settings, new.settings)
    ]
    if old.at != new.at:
        here = phrase("here")
        changes.append(f"at {old.at or here} -> {new.at or here}")
    told = f"{name}: {', '.join(changes)}"
    return phrase("{changes} (live)", changes=told) if name in groups["live"] else told


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "***"
    text = str(phrase("none") if value is None else value)
    return text if len(text) <= 40 else text[:37] + "..."


def _policy(old: Wire, new: Wire) -> str:
    changes = [
        f"{key} {_shown(was)} -> {_shown(now)}"
        for key in ("overflow", "capacity", "capacity_s", "max_age_s")
        if (was := getattr(old.policy, key)) != (now := getattr(new.policy, key))
    ]
    return ", ".join(changes) or phrase("another kind of port")


def _on_cycles(wires: Iterable[Wire]) -> frozenset[str]:
    """Find the nodes that lie on a cycle, not counting feedback wires (Kosaraju's two passes)."""
    after: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for wire in wires:
        if not wire.feedback:
            after.setdefault(wire.source, []).append(wire.target)
            back.setdefault(wire.target, []).append(wire.source)
    left: list[str] = []
    seen: set[str] = set()
    for root in after:
        walk(root, after, seen, left)
    found: set[str] = set()
    seen = set()
    for root in reversed(left):
        component: list[str] = []
        walk(root, back, seen, component)
        if len(component) > 1:
            found.update(component)
    return frozenset(found)
