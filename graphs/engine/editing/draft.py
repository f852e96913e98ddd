"""Holds the text of a graph while it is edited, and finds its way in it: which characters belong to which value."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from graphs.engine.editing.places import Place, Step, places
from graphs.engine.editing.writing import MAX_KEY
from graphs.engine.language.document import Mark, Path, problem_at
from graphs.engine.language.load import load_tree
from nodes import NodeSpec
from nodes.phrases import Phrase, phrase
from schemas.graph import GraphError, Problem

_SPACE = re.compile(r"(?:[ \t\n]+|(?:(?<=[ \t\n])|^)#[^\n]*)*", re.MULTILINE)
"""Blanks, line breaks and comments."""
_ANCHOR = re.compile(r"(?:&[^\s,\[\]{}]*(?:[ \t]+|(?=\s)|$))?")
_REST = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\n]*)?(?:\n|$)")
"""What may stand behind the last value of a line."""
_BREAKS = re.compile("[\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Found:
    """A value, its key and the list or map that it stands in."""

    place: Place
    key: Place | None = None
    parent: Place | None = None


class Draft:
    """A text and its tree; every change of the text is read again at once.

    All methods raise ``GraphError``, with the position, if the edit cannot be made there.
    """

    def __init__(self, text: str, file: str, registry: Mapping[str, NodeSpec]) -> None:
        """
        Args:
            text: as the reader of graphs has it: without the mark of the file, lines end with ``\\n``.
            registry: the known node types; they tell which keys of a node are inputs.
        """
        self.text = text
        self.file = file
        self.registry = registry
        self.data: dict[str, Any] = {}
        """What the text says; variables as they are written."""
        self._read()
        odd = _BREAKS.search(text)
        if odd is not None:
            message = phrase(
                "the line break {sign}, which editors do not show, keeps this file from being edited",
                sign=f"U+{ord(odd[0]):04X}",
            )
            self.refuse(odd.start(), message, phrase("delete it"))

    def _read(self) -> None:
        document, tree = load_tree(self.text, self.file, None)
        if document.problems:
            raise GraphError(document.problems)
        self.data, self.root = document.data, places(tree)
        self._document = document

    def patch(self, *patches: tuple[int, int, str]) -> None:
        """Replace each (from, to) by a text."""
        at, parts = 0, list[str]()
        for start, end, new in sorted(patches, key=lambda patch: patch[:2]):
            if start < at:
                self.refuse(start, phrase("two edits of one place meet here"), phrase("write it by hand"))
            parts += [self.text[at:start], new]
            at = end
        self.text = "".join(parts) + self.text[at:]
        try:
            self._read()
        except GraphError as error:
            said = error.problems[0]
            problem = Problem(said.file, said.line, said.column, _impossible(said.message), said.hint)
            raise GraphError([problem]) from None

    def expect(self, wish: dict[str, Any], path: Path) -> None:
        """Refuse what has been made of the text unless it reads as exactly ``wish``."""
        if not same(self.data, wish):
            why = phrase("it would read as something else")
            self.refuse_at(path, _impossible(why), phrase("write it by hand"))

    def holds(self, path: Path) -> bool:
        """Whether the text says something at a path."""
        return self._document.holds(path)

    def refuse(self, at: int, message: str, hint: str = "") -> NoReturn:
        """Give up on the edit; ``at`` is the character where the reason stands."""
        mark = Mark(self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at))
        raise GraphError([problem_at(self.file, mark, message, hint)])

    def refuse_at(self, path: Path, message: str, hint: str = "") -> NoReturn:
        """Give up on the edit; the reason stands at the key of ``path``, or of the nearest value around it."""
        raise GraphError([problem_at(self.file, self._document.key(path), message, hint)])

    # Which value.

    def walk(self, path: Path) -> Found:
        """Find the value at a path; nothing on the way to it may be shared."""
        found = Found(self.root)
        for number, step in enumerate(path):
            self.owned(found.place, path[:number])
            parent, index = found.place, found.place.index(step)
            if index is None:
                name = told(path[: number + 1])
                message = phrase("there is no {name} here", name=name)
                if parent.sources:
                    message = phrase("there is no {name} here (it comes by <<)", name=name)
                self.refuse_at(path[:number], message)
            key = parent.children[index - 1] if parent.kind == "map" else None
            self.short(key)
            found = Found(parent.children[index], key, parent)
        return found

    def follow(self, path: Path, *, key: bool = False) -> Place:
        """Find what a path of the data comes from, through aliases and ``<<``; its last key instead, if asked."""
        place = self.root
        for number, step in enumerate(path):
            holder = _holder(place.meant, step)
            if holder is None:
                self.refuse_at(path, phrase("there is no {name} here", name=told(path)))
            index = holder.index(step) or 0
            last = key and number + 1 == len(path)
            place = holder.children[index - 1 if last else index]
        return place.meant

    def owned(self, place: Place, path: Path) -> None:
        """Refuse to edit within what other places use too."""
        if place.kind == "alias":
            message = phrase("{name} is shared ({alias})", name=told(path), alias=f"*{place.anchor}")
            hint = phrase("edit it where {anchor} stands, or write it out here", anchor=f"&{place.anchor}")
            self.refuse(place.start, message, hint)
        if place.shared:
            message = phrase(
                "{name} is {anchor}, which line {line} uses too",
                name=told(path),
                anchor=f"&{place.anchor}",
                line=place.shared,
            )
            self.refuse(place.start, message, phrase("the edit would change both: edit it by hand"))

    def short(self, key: Place | None) -> None:
        """Refuse to edit beside or below a key that stands behind ``?``."""
        if key is not None and re.search(r"(?:^|[\s{[,])\?\s+$", self.text[max(0, key.start - MAX_KEY) : key.start]):
            message = phrase("the key {key} stands behind a {sign}", key=key.text[:40], sign="?")
            self.refuse(key.start, message, phrase("write it as '{example}'", example="key: value"))

    def free(self, place: Place, path: Path) -> None:
        """Refuse to replace or remove what is used elsewhere."""
        for each in place.below():
            if each.shared:
                message = phrase(
                    "{name} holds {anchor}, which line {line} uses",
                    name=told(path),
                    anchor=f"&{each.anchor}",
                    line=each.shared,
                )
                self.refuse(each.start, message, phrase("take the use away first"))

    # Which characters.

    def skip(self, at: int) -> int:
        """Return where the next word stands, behind blanks, line breaks and comments."""
        found = _SPACE.match(self.text, at)
        return found.end() if found is not None else at

    def line(self, at: int) -> int:
        """Return where the line begins."""
        return self.text.rfind("\n", 0, at) + 1

    def first(self, at: int) -> bool:
        """Whether the line begins with what stands here."""
        return not self.text[self.line(at) : at].strip(" ")

    def rest(self, at: int) -> int | None:
        """Return where the next line begins if nothing but a comment follows on this one."""
        found = _REST.match(self.text, at)
        return found.end() if found is not None else None

    def next(self, at: int) -> int:
        """Return where the line behind a value that ends at ``at`` begins."""
        if self.text[at - 1 : at] == "\n":  # a block scalar that keeps its last line breaks
            return at
        found = self.rest(at)
        if found is None:
            self.refuse(at, phrase("something else stands on this line"), phrase("write it by hand"))
        return found

    def behind_anchor(self, place: Place) -> int:
        """Return where a value begins behind its anchor; its blanks belong to the anchor."""
        found = _ANCHOR.match(self.text, place.start) if place.anchor and place.kind != "alias" else None
        return found.end() if found is not None else place.start

    def body(self, place: Place) -> int:
        """Return where the text of a value begins."""
        if place.kind == "map" and place.block and place.children:
            return place.children[0].start
        at = self.behind_anchor(place)
        return self.skip(at) if place.kind in ("map", "list") else at

    def colon(self, key: Place) -> int | None:
        """Return where the text behind the colon of a key begins; None for a key without one."""
        at = self.skip(key.end)
        return at + 1 if self.text[at : at + 1] == ":" else None

    def tail(self, place: Place, key: Place | None = None) -> int:
        """Return where the text of a value ends."""
        if place.block and place.children:
            return self.tail(place.children[-1], place.children[-2] if place.kind == "map" else None)
        if place.style in ("|", ">"):
            text = self.text[place.start : place.end]
            keeps = "+" in text.partition("\n")[0].partition("#")[0]
            return place.end if keeps else place.start + len(text.rstrip())
        if place.plain and place.start == place.end and key is not None:
            return self.colon(key) or key.end
        return place.end

    def spans(self, place: Place) -> list[tuple[int, int]]:
        """Return (from, to) of each item of a list, with its dash, or of each pair of a map."""
        if place.kind == "map":
            for key in place.keys:
                self.short(key)
            values = zip(place.keys, place.children[1::2], strict=True)
            return [(key.start, self.tail(value, key)) for key, value in values]
        if place.flow:
            return [(each.start, each.end) for each in place.children]
        found, at = list[tuple[int, int]](), self.body(place)
        for each in place.children:
            if self.text[at : at + 1] != "-":
                self.refuse(at, phrase("this list is not understood"), phrase("write it by hand"))
            end = max(at + 1, self.tail(each))
            found.append((at, end))
            at = self.skip(end)
        return found


def _holder(place: Place, step: Step) -> Place | None:
    """Return the map or list that gives a key to ``place``: itself, or what ``<<`` adds."""
    if place.index(step) is not None:
        return place
    return next((found for each in place.sources if (found := _holder(each.meant, step)) is not None), None)


def _impossible(why: str) -> Phrase:
    return phrase("the text cannot be changed like that: {why}", why=why)


def told(path: Path) -> str:
    """Write a path for a message."""
    return ".".join(map(str, path)) or "the graph"


def same(one: object, other: object) -> bool:
    """Whether two values are equal, in type too; NaN equals itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        a, b = cast(dict[str, object], one), cast(dict[str, object], other)
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(one, list):
        a, b = cast(list[object], one), cast(list[object], other)
        return len(a) == len(b) and all(map(same, a, b))
    return one == other or (
        isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other)
    )
