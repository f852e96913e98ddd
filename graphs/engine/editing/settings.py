"""Sets and removes one value of a graph, with as little change of its text as can be."""

from copy import deepcopy
from difflib import SequenceMatcher
from typing import Any, cast

from graphs.engine.editing.draft import Draft, same, told
from graphs.engine.editing.splice import insert, remove, replace, value_at
from graphs.engine.editing.writing import CannotWrite, pair, rendered
from graphs.engine.language.document import Path
from nodes.phrases import phrase, said_by


def set_value(draft: Draft, path: Path, value: object, after: str | None = None) -> None:
    """Change the value at a path, or add it where there is none.

    Args:
        after: the key behind which a new one is written; None for behind all others.

    Raises:
        GraphError: the text cannot be changed so, and why.
    """
    if not path:
        draft.refuse_at((), phrase("name what to change"), phrase("give its path, such as nodes, filter, min_length"))
    wish: Any = deepcopy(draft.data)
    try:
        put(draft, path, value, after)
    except CannotWrite as error:
        draft.refuse_at(path, said_by(error))
    at: Any = wish
    for step in path[:-1]:
        if at[step] is None:  # ``key:`` holds nothing, and becomes a mapping
            at[step] = {}
        at = at[step]
    if isinstance(at, list) and path[-1] == len(cast(list[Any], at)):
        cast(list[Any], at).append(value)
    else:
        cast(Any, at)[path[-1]] = value
    draft.expect(wish, path)


def unset(draft: Draft, path: Path) -> None:
    """Take the value at a path away, and the comment on its line.

    Raises:
        GraphError: the text cannot be changed so, and why.
    """
    wish: Any = deepcopy(draft.data)
    remove(draft, path)
    at = wish
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    holder: Any = value_at(draft, path[:-1]) if draft.holds(path[:-1]) else None
    if isinstance(holder, dict) and path[-1] in holder:
        message = phrase("{name} comes by << too, and would hold then", name=told(path))
        draft.refuse_at(path, message, phrase("set it to the value that you want"))
    draft.expect(wish, path)


def put(draft: Draft, path: Path, value: Any, after: str | None = None) -> None:
    """Write a value: of a map only the keys that differ, of a list only the items.

    Raises:
        CannotWrite: a graph cannot hold the value.
    """
    if draft.walk(path[:-1]).place.index(path[-1]) is None:
        _add(draft, path, value, after)
        return
    place, old = draft.walk(path).place, value_at(draft, path)
    if same(old, value):
        return
    inside = bool(old) and bool(value) and not place.shared
    if place.kind == "map" and isinstance(value, dict) and inside and not place.sources:
        _put_keys(draft, path, cast(dict[str, Any], old), cast(dict[str, Any], value))
    elif place.kind == "list" and isinstance(value, list) and inside:
        _put_items(draft, path, cast(list[Any], old), cast(list[Any], value))
    else:
        replace(draft, path, cast(object, value))


def _add(draft: Draft, path: Path, value: object, after: str | None) -> None:
    holder, step = draft.walk(path[:-1]).place, path[-1]
    if holder.plain and isinstance(step, str) and len(path) > 1 and value_at(draft, path[:-1]) is None:
        replace(draft, path[:-1], {step: value})
    elif holder.kind == "map" and isinstance(step, str):
        names = [key.text for key in holder.keys]
        insert(draft, path[:-1], names.index(after) + 1 if after in names else len(names), pair(step, value))
    elif holder.kind == "list" and step == len(holder.children):
        if holder.children:
            insert(draft, path[:-1], len(holder.children), rendered(value))
        else:
            replace(draft, path[:-1], [value])
    else:
        draft.owned(holder, path[:-1])
        name = told(path[:-1])
        if isinstance(step, str):
            draft.refuse_at(path[:-1], phrase("{name} can hold no keys", name=name))
        draft.refuse_at(path[:-1], phrase("{name} can hold no item {number}", name=name, number=step))


def _put_keys(draft: Draft, path: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    for key, value in new.items():
        put(draft, (*path, key), value)
    for key in old:
        if key not in new:
            remove(draft, (*path, key))


def _put_items(draft: Draft, path: Path, old: list[Any], new: list[Any]) -> None:
    said = [[repr(item) for item in items] for items in (old, new)]
    changes = SequenceMatcher(None, *said, autojunk=False).get_opcodes()
    for how, start, end, first, last in reversed(changes):  # from the end, so that indices stay right
        if how == "equal":
            continue
        both = min(end - start, last - first)
        for number in range(last - 1, first + both - 1, -1):
            insert(draft, path, start + both, rendered(new[number]))
        for number in range(end - 1, start + both - 1, -1):
            remove(draft, (*path, number))
        for number in range(both):
            put(draft, (*path, start + number), new[first + number])
