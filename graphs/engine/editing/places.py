"""Says where every key and value of a graph is written, from the tree that the reader of graphs makes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphs.engine.language.compose import Node

Step = str | int


@dataclass(slots=True, eq=False)
class Place:
    """A key or value where it is written; an alias is a place of its own, without children."""

    kind: str
    """``scalar``, ``list``, ``map`` or ``alias``."""
    start: int
    """Where it begins in the text, in characters from 0; its anchor belongs to it."""
    end: int
    """Where the parser says that it ends. For the block of a list or map that is too far: see ``Draft.tail``."""
    line: int
    """The line where it begins, from 1."""
    text: str = ""
    style: str = ""
    """The sign before a scalar: ``'``, ``"``, ``|`` or ``>``; nothing before a plain one."""
    flow: bool = False
    """Whether a list or map stands in brackets."""
    anchor: str | None = None
    """The anchor before it, or the one that an alias names."""
    children: list["Place"] = field(default_factory=list["Place"])
    """The items of a list; keys and values of a map in turn."""
    target: "Place | None" = None
    """What an alias stands for."""
    shared: int = 0
    """The line of the first alias of it; 0 if there is none."""

    @property
    def plain(self) -> bool:
        return self.kind == "scalar" and not self.style

    @property
    def block(self) -> bool:
        """Whether it is a list or map whose items stand on lines of their own, without brackets."""
        return self.kind in ("list", "map") and not self.flow

    @property
    def meant(self) -> "Place":
        """What it stands for: itself, or for an alias the place that it names."""
        return self.target or self

    @property
    def keys(self) -> list["Place"]:
        return self.children[::2] if self.kind == "map" else []

    @property
    def sources(self) -> list["Place"]:
        """What ``<<`` adds to this map, in order."""
        found: list[Place] = []
        for key, value in zip(self.keys, self.children[1::2], strict=False):
            if key.text == "<<" and key.plain:
                found += value.meant.children if value.meant.kind == "list" else [value]
        return found

    def index(self, step: Step) -> int | None:
        """Return the number of the child for a key or an index; None if it has none of its own."""
        if self.kind == "list":
            return step if isinstance(step, int) and 0 <= step < len(self.children) else None
        own = (2 * i + 1 for i, key in enumerate(self.keys) if key.kind == "scalar" and key.text == step)
        return next(own, None)

    def below(self) -> Iterator["Place"]:
        """Yield this place and everything written within it."""
        yield self
        for child in self.children:
            yield from child.below()


def places(root: Node) -> Place:
    """Turn the tree of a text into places."""
    return _place(root, {})


def _place(node: Node, made: dict[int, Place]) -> Place:
    place = Place(node.kind, node.start, node.end, node.mark.line, node.text, node.style, node.flow, node.anchor)
    made[id(node)] = place
    for number, (child, mark) in enumerate(node.children):
        if number in node.aliases:
            target = made[id(child)]
            target.shared = target.shared or mark.line
            start, end = node.aliases[number]
            place.children.append(Place("alias", start, end, mark.line, anchor=child.anchor, target=target))
        else:
            place.children.append(_place(child, made))
    return place
