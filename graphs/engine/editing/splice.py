"""Makes the three changes of a text that all edits consist of: a value is replaced, inserted or removed.

Comments, the order and the style of everything else stay. A comment goes with the value only if it stands on its line
or inside of it.
"""

import re
from functools import reduce
from typing import Any

from graphs.engine.editing.draft import Draft, Found, told
from graphs.engine.editing.places import Place
from graphs.engine.editing.writing import rendered
from graphs.engine.language.document import Path
from nodes.phrases import phrase

_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")


def value_at(draft: Draft, path: Path) -> Any:
    """Return what the draft says at a path."""
    return reduce(lambda value, step: value[step], path, draft.data)  # type: ignore[index]


def replace(draft: Draft, path: Path, value: object) -> None:
    """Write another value in the place of one."""
    found = draft.walk(path)
    place = found.place
    draft.free(place, path)
    if place.plain and not place.text:
        _fill(draft, found, rendered(value))
    elif place.style in ("|", ">"):
        _unblock(draft, place, rendered(value))
    elif place.block:
        _to_one_line(draft, found, rendered(value))
    else:
        start = draft.body(place)
        new = rendered(value, place.style)
        glued = draft.text[start - 1 : start] == ":" and (new[0] != place.style or new[0] not in "'\"")
        draft.patch((start, draft.tail(place), f" {new}" if glued else new))


def _fill(draft: Draft, found: Found, new: str) -> None:
    """Write a value where none stands yet: ``a:``, ``- `` or ``{a}``."""
    place, key = found.place, found.key
    behind_anchor = place.start + len(place.anchor) + 1 if place.anchor else 0
    if key is None:
        at = max(place.start, behind_anchor)
        draft.patch((at, at, f" {new}"))
        return
    colon = draft.colon(key)
    at = max(colon or key.end, behind_anchor)
    draft.patch((at, at, (" " if colon else ": ") + new))


def _unblock(draft: Draft, place: Place, new: str) -> None:
    """Write a value in the place of ``|`` or ``>`` and its lines; a comment beside the sign stays."""
    start = draft.body(place)
    end = start + len(draft.text[start : place.end].rstrip())
    sign = re.compile(r"[|>][-+0-9]*").match(draft.text, start)
    head = sign.end() if sign is not None else start
    line = draft.text.find("\n", head, end)
    draft.patch((start, head, new), (line if line >= 0 else end, end, ""))


def _to_one_line(draft: Draft, found: Found, new: str) -> None:
    """Write a value in the place of a block; it comes to the line of its key."""
    place, text = found.place, draft.text
    start, end = draft.body(place), draft.tail(place)
    colon = draft.colon(found.key) if found.key is not None else None
    at = draft.behind_anchor(place) if place.anchor else colon
    if at is None or draft.line(at) == draft.line(start):
        draft.patch((start, end, new))
        return
    at = len(text[:at].rstrip(" "))
    draft.patch((at, at, f" {new}"), (draft.line(start), draft.next(end), ""))


def insert(draft: Draft, path: Path, index: int, new: str) -> None:
    """Write an item or a pair before the one of this index, or behind the last one.

    Args:
        new: its text; further lines of it are indented as the first one is.
    """
    place = draft.walk(path).place
    draft.owned(place, path)
    if place.flow:
        _insert_in_brackets(draft, place, index, new)
        return
    if not place.block:
        draft.refuse_at(path, phrase("{name} holds no list and no keys", name=told(path)))
    spans = draft.spans(place)
    first = spans[0][0]
    indent = " " * (first - draft.line(first))
    new = ("- " if place.kind == "list" else "") + new
    new = new.replace("\n", f"\n{indent}")
    if index == 0:
        draft.patch((first, first, f"{new}\n{indent}"))
        return
    at = draft.next(spans[index - 1][1])
    ended = draft.text[at - 1 : at] == "\n"
    draft.patch((at, at, f"{indent}{new}\n" if ended else f"\n{indent}{new}"))


def _insert_in_brackets(draft: Draft, place: Place, index: int, new: str) -> None:
    text, at, spans = draft.text, draft.body(place), draft.spans(place)
    if text[at : at + 1] not in ("{", "["):
        draft.refuse(at, phrase("a pair without its braces"), phrase("put it in {braces}", braces="{}"))
    if not spans:
        draft.patch((at + 1, at + 1, new))
        return
    if index < len(spans):
        at = spans[index][0]
        between = f"\n{text[draft.line(at) : at]}" if draft.first(at) else " "
        draft.patch((at, at, f"{new},{between}"))
        return
    start, end = spans[-1]
    if text[end - 1 : end] == ":":  # ``{a: }``: the comma must not touch the colon
        draft.patch((end, end, f" , {new}"))
        return
    own_line = draft.first(start)
    between = f"\n{text[draft.line(start) : start]}" if own_line else " "
    comma = draft.skip(end)
    trailing = text[comma] == ","
    behind = comma + 1 if trailing else end
    line = draft.rest(behind)
    if not own_line or line is None:
        draft.patch((behind, behind, f" {new}," if trailing else f",{between}{new}"))
        return
    at = behind + len(text[behind:line].rstrip("\n"))  # behind the comment of the last one
    if trailing:
        draft.patch((at, at, f"{between}{new},"))
    elif at > behind:
        draft.patch((behind, behind, ","), (at, at, f"{between}{new}"))
    else:
        draft.patch((behind, behind, f",{between}{new}"))


def remove(draft: Draft, path: Path, *, comments: bool = False) -> None:
    """Take an item or a pair away.

    Args:
        comments: whether the comment right above it, indented as it is, goes too.
    """
    found = draft.walk(path)
    parent = found.parent
    if parent is None:
        draft.refuse_at(path, phrase("the graph itself cannot be removed"))
    draft.owned(parent, path[:-1])
    draft.free(found.place, path)
    number = parent.children.index(found.place) // (2 if parent.kind == "map" else 1)
    if parent.flow:
        _remove_in_brackets(draft, parent, number)
    elif len(parent.children) == (2 if parent.kind == "map" else 1) and len(path) > 1:
        replace(draft, path[:-1], {} if parent.kind == "map" else [])
    else:
        _remove_in_block(draft, parent, number, comments)


def _remove_in_block(draft: Draft, parent: Place, number: int, comments: bool) -> None:
    text, spans = draft.text, draft.spans(parent)
    start, end = spans[number]
    if not draft.first(start) or len(spans) == 1:  # ``- a: 1``: the second key takes the place of the first
        if number + 1 == len(spans) or "#" in text[end : spans[number + 1][0]]:
            message = phrase("a comment stands in the way, or it is the only value")
            draft.refuse(start, message, phrase("remove it by hand"))
        draft.patch((start, spans[number + 1][0], ""))
        return
    at = draft.line(start)
    if comments:
        at = _above(draft, at, start - at)
    stop = draft.next(end)
    if number and spans[number - 1][1] == at:  # ``|+`` above would take the blank lines below for its own
        blank = _BLANK_LINES.match(text, stop)
        stop = blank.end() if blank is not None else stop
    if stop == len(text) and not text.endswith("\n") and at and not (number and _under_a_block(parent, number)):
        at -= 1  # the last line has no end, so the new last one has none; in ``|`` it would be part of the value
    draft.patch((at, stop, ""))


def _under_a_block(parent: Place, number: int) -> bool:
    """Return whether the lines of a text (``|``) end right above an item or a pair."""
    above = parent.children[2 * number - 1 if parent.kind == "map" else number - 1]
    while above.block and above.children:
        above = above.children[-1]
    return above.style in ("|", ">")


def _above(draft: Draft, at: int, indent: int) -> int:
    """Return where the comment right above a line begins, if it is indented by so many blanks."""
    while at:
        line = draft.line(at - 1)
        if not re.compile(rf" {{{indent}}}#").match(draft.text, line):
            break
        at = line
    return at


def _remove_in_brackets(draft: Draft, parent: Place, number: int) -> None:
    text, spans = draft.text, draft.spans(parent)
    (start, end), only, last = spans[number], len(spans) == 1, number + 1 == len(spans)
    comma = draft.skip(end)
    followed = text[comma] == ","
    ended = comma + 1 if followed else end
    line = draft.rest(ended)
    own_line = draft.first(start) and line is not None
    before = draft.skip(spans[number - 1][1]) if number else start
    if followed or only:
        if own_line and line is not None and not (only and draft.line(draft.body(parent)) == draft.line(start)):
            draft.patch((draft.line(start), line, ""))
        elif not last and "\n" not in text[ended : spans[number + 1][0]]:
            draft.patch((start, spans[number + 1][0], ""))
        elif number and not last and "\n" not in text[before:start]:
            draft.patch((before, comma, ""))
        else:
            draft.patch((start, ended, ""))
    elif own_line and line is not None:
        draft.patch((before, before + 1, ""), (draft.line(start), line, ""))
    elif "#" in text[before:start]:
        draft.patch((before, before + 1, ""), (start, end, ""))
    else:
        draft.patch((before, end, ""))
