"""Adds, removes and renames nodes of a graph together with everything that refers to them."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

from graphs.engine.editing.draft import Draft, same
from graphs.engine.editing.references import Reference, items, named, nodes_of, references
from graphs.engine.editing.settings import set_value, unset
from graphs.engine.editing.splice import insert, remove
from graphs.engine.editing.wires import drop, there
from graphs.engine.editing.writing import CannotWrite, commented, pair, quoted
from graphs.engine.language.document import Path
from graphs.engine.language.schema import NODE_NAME
from nodes.phrases import phrase, said_by

LONGEST = 150
"""A new node stands on one line if that has at most this many characters."""


def add_node(draft: Draft, name: str, body: Mapping[str, object], after: str | None = None, comment: str = "") -> None:
    """Write a new node behind the one called ``after``, or behind all others; the comment stands above it.

    Raises:
        GraphError: the name is taken or cannot be one, or the text cannot be changed so.
    """
    _unused(draft, name)
    notes = commented(comment)
    if not nodes_of(draft.data):
        set_value(draft, ("nodes",), {name: dict(body)})
        return
    holder = draft.walk(("nodes",)).place
    wish = deepcopy(draft.data)
    wish["nodes"][name] = dict(body)
    if notes and holder.flow:
        draft.refuse(holder.start, phrase("no comment can stand among nodes on one line"), phrase("leave it out"))
    try:
        new = pair(name, body)
        if len(new) > LONGEST and not holder.flow:
            new = "\n".join([f"{quoted(name, key=True)}:", *(f"  {pair(key, value)}" for key, value in body.items())])
    except CannotWrite as error:
        draft.refuse_at(("nodes",), said_by(error))
    names = [key.text for key in holder.keys]
    number = names.index(after) + 1 if after in names else len(names)
    insert(draft, ("nodes",), number, "\n".join([*notes, new]))
    draft.expect(wish, ("nodes", name))


def copy_node(draft: Draft, name: str, new: str) -> None:
    """Write a node once more, behind the first and under another name; what takes from the first keeps to it.

    Raises:
        GraphError: there is no such node, the name is taken or cannot be one, or the text cannot be changed so.
    """
    add_node(draft, new, there(draft, name), name)


def remove_node(draft: Draft, name: str, *, disconnect: bool = False) -> None:
    """Take a node away, and the comment right above it.

    Args:
        disconnect: whether other nodes stop to take from it, and tests lose what they say about it. A test that is
            then left without input or without anything that it expects goes.

    Raises:
        GraphError: others take from it or tests name it, and ``disconnect`` is not set; or the text cannot be changed
            so.
    """
    there(draft, name)
    used = [
        each for each in references(draft.data, draft.registry) if each.names(name) and each.path[:2] != ("nodes", name)
    ]
    if used and not disconnect:
        draft.refuse_at(("nodes", name), _users(name, used), phrase("disconnect them first, or together with it"))
    for node, key in dict.fromkeys((each.path[1], each.path[2]) for each in used if not each.key):
        value = draft.data["nodes"][node][key]
        left = [item for item in items(value) if named(item).partition(".")[0] != name]
        drop(draft, ("nodes", node, key), left)
    for number in sorted({cast(int, each.path[1]) for each in used if each.key}, reverse=True):
        _forget(draft, number, name)
    wish = deepcopy(draft.data)
    del wish["nodes"][name]
    remove(draft, ("nodes", name), comments=True)
    draft.expect(wish, ("nodes", name))


def rename_node(draft: Draft, old: str, new: str) -> None:
    """Give a node another name wherever the graph names it: in inputs and in tests, through aliases and ``<<`` too.

    Raises:
        GraphError: the name is taken or cannot be one, or what is shared would change elsewhere too.
    """
    there(draft, old)
    _unused(draft, new)
    found = [each for each in references(draft.data, draft.registry) if each.names(old)]
    own = draft.walk(("nodes", old)).key
    places = {id(place): place for each in found for place in [draft.follow(each.path, key=each.key)]}
    if own is not None:
        places[id(own)] = own
    for place in places.values():
        if place.style in ("|", ">"):
            message = phrase("the name is written as a block of lines")
            draft.refuse(place.start, message, phrase("write it on one line first"))
    wish = _renamed(draft.data, old, new, found)
    common = {id(each): part for part in draft.root.below() if part.shared for each in part.below()}
    shared = next((common[each] for each in places if each in common), None)
    draft.patch(
        *(
            (draft.body(place), place.end, quoted(new + place.text[len(old) :], place.style, key=True))
            for place in places.values()
        )
    )
    wish |= {key: value for key, value in draft.data.items() if key.startswith("x-")}  # is there to be used below
    if shared is not None and not same(draft.data, wish):
        message = phrase(
            "{anchor} names {name}, and is used where that is not an input too", anchor=f"&{shared.anchor}", name=old
        )
        draft.refuse(shared.start, message, phrase("write it out where it is used"))
    draft.expect(wish, ("nodes", new))


def _unused(draft: Draft, name: str) -> None:
    if name in nodes_of(draft.data):
        message = phrase("there is already a node {name}", name=name)
        draft.refuse_at(("nodes", name), message, phrase("choose another name"))
    if not re.fullmatch(NODE_NAME.strip("^$"), name):
        hint = phrase("begin with a letter and use only letters, digits, _ and -")
        draft.refuse_at(("nodes",), phrase("'{name}' cannot be the name of a node", name=name), hint)


def _users(name: str, used: list[Reference]) -> str:
    takers = dict.fromkeys(str(each.path[1]) for each in used if not each.key)
    stories = {each.path[1] for each in used if each.key}
    said: list[str] = []
    if takers:
        nodes, one = ", ".join(takers), len(takers) == 1
        taken = phrase("{node} takes from {name}", node=nodes, name=name)
        said.append(taken if one else phrase("{nodes} take from {name}", nodes=nodes, name=name))
    if stories:
        count, one = len(stories), len(stories) == 1
        named = phrase("{count} of the graph's tests names {name}", count=count, name=name)
        said.append(named if one else phrase("{count} of the graph's tests name {name}", count=count, name=name))
    return said[0] if len(said) == 1 else phrase("{first} and {second}", first=said[0], second=said[1])


def _forget(draft: Draft, number: int, name: str) -> None:
    """Take a node out of a test; a test that has no input or expects nothing any more goes as a whole."""
    story: dict[str, Any] = draft.data["tests"][number]
    gone: list[Path] = [each.path for each in references({"tests": [story]}, {}) if each.names(name)]
    parts = [path[2] for path in gone]
    if any(part in parts and parts.count(part) == len(story[part]) for part in ("in", "out")):
        unset(draft, ("tests",) if len(draft.data["tests"]) == 1 else ("tests", number))
        return
    for path in gone:
        last = len(draft.data["tests"][number][path[2]]) == 1
        unset(draft, ("tests", number, path[2]) if last else ("tests", number, *path[2:]))


def _renamed(data: dict[str, Any], old: str, new: str, found: list[Reference]) -> dict[str, Any]:
    wish = deepcopy(data)
    for each in found:
        holder: Any = wish
        for step in each.path[:-1]:
            holder = holder[step]
        said = new + each.text[len(old) :]
        if each.key:
            renamed = [(said if key == each.text else key, value) for key, value in holder.items()]
            holder.clear()
            holder.update(renamed)
        else:
            holder[each.path[-1]] = said
    return {**wish, "nodes": {new if key == old else key: body for key, body in wish["nodes"].items()}}
