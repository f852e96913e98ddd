"""Turns YAML text into a tree of nodes with their positions.

It works on the parser's events, so that no input makes it recurse deeply or expand without bound: 380 bytes of aliases
can expand to 10^8 values.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from graphs.engine.language.document import Mark, problem_at
from nodes.phrases import Phrase, phrase
from schemas.graph import GraphError, Problem

MAX_DEPTH = 32
MAX_ALIASES = 100
MAX_VALUES = 5_000
"""A file may have at most this many keys, values and lists, counting every alias as if written out."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"
"""libyaml says this since PyYAML 6.0.4: it gives up at 1,000 levels, and reads that far ahead of its events."""
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""Matches a line break in YAML."""
_events: Callable[..., Iterator[Any]] = getattr(yaml, "parse")  # noqa: B009 (its type is not known)


@dataclass(slots=True, eq=False)
class Node:
    """A scalar, list or map as written; an alias is the node that it names."""

    kind: str
    """``scalar``, ``list`` or ``map``."""
    mark: Mark
    start: int = 0
    """Where it begins in the text, in characters from 0; an anchor belongs to it."""
    end: int = 0
    """Where it ends. The block of a list or map ends where something else begins, behind blank lines and comments."""
    text: str = ""
    style: str = ""
    """The sign before a scalar: ``'``, ``"``, ``|`` or ``>``; nothing before a plain one."""
    flow: bool = False
    """Whether a list or map stands in brackets."""
    anchor: str | None = None
    children: list[tuple["Node", Mark]] = field(default_factory=list[tuple["Node", Mark]])
    """Each child with the position where it is used, which for an alias differs from the node's; a map's children are
    key, value, key ..."""
    aliases: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    """Which children are written as an alias: the number of the child -> from where to where ``*name`` stands."""
    size: int = 1
    height: int = 1
    open: bool = False
    tag: str | None = None

    @property
    def plain(self) -> bool:
        """Whether it is a scalar without quotes, which may be read as a number or a word of YAML."""
        return self.kind == "scalar" and not self.style

    def take(self, child: "Node", mark: Mark) -> None:
        self.children.append((child, mark))

    def pairs(self) -> Iterator[tuple[tuple["Node", Mark], tuple["Node", Mark]]]:
        return zip(self.children[::2], self.children[1::2], strict=True)


def compose(text: str, file: str) -> Node | None:
    """Read the tree of a file that holds one document; None if it holds nothing.

    Raises:
        GraphError: the text is not YAML, or it breaks a limit.
    """
    try:
        return _compose(text, file)
    except yaml.MarkedYAMLError as error:
        if error.problem == _LIBYAML_TOO_DEEP and error.problem_mark is not None:
            with suppress(yaml.MarkedYAMLError):
                _compose(text[: error.problem_mark.index], file)  # fails at the first level beyond our limit
            fail(file, Mark(error.problem_mark.line + 1, error.problem_mark.column + 1), _too_deep())
        raise GraphError([_syntax(error, text, file)]) from None


def fail(file: str, mark: Mark, message: str, hint: str = "") -> NoReturn:
    """Give up on the file: nothing more can be said about it."""
    raise GraphError([problem_at(file, mark, message, hint)])


def _too_deep() -> Phrase:
    return phrase("nested too deeply: at most {most} levels", most=MAX_DEPTH)


def _compose(text: str, file: str) -> Node | None:
    tree = _Tree(file)
    lines = _BREAK.split(text)
    end = Mark(len(lines), len(lines[-1]) + 1)
    for event in _events(text, Loader=_LOADER):
        mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1)
        if mark.line > end.line:  # the parser takes the last line as terminated even if it is not
            mark = end
        if isinstance(event, yaml.CollectionEndEvent):
            tree.close(min(event.end_mark.index, len(text)))
        elif isinstance(event, yaml.DocumentStartEvent) and tree.root is not None:
            hint = phrase("one file holds one graph; delete the line '---'")
            fail(file, mark, phrase("a second document begins here"), hint)
        elif isinstance(event, yaml.AliasEvent):
            tree.alias(str(event.anchor), mark, (event.start_mark.index, event.end_mark.index))
        elif isinstance(event, yaml.NodeEvent):
            span = [min(place.index, len(text)) for place in (event.start_mark, event.end_mark)]
            tree.add(_node(event, mark, *span), mark)
    return tree.root


class _Tree:
    """The tree of a document while it is read; exceeding a limit rejects the file."""

    def __init__(self, file: str) -> None:
        self.root: Node | None = None
        self._file = file
        self._stack: list[Node] = []
        self._anchors: dict[str, Node] = {}
        self._values = self._aliases = 0

    def add(self, node: Node, mark: Mark) -> None:
        """Add a node that begins, or that is used once more."""
        if node.anchor is not None:
            self._anchors[node.anchor] = node
        self._values += node.size
        if self._values > MAX_VALUES or self._aliases > MAX_ALIASES:
            too_much = phrase(
                "too much: at most {values} values and {aliases} aliases, aliases written out",
                values=MAX_VALUES,
                aliases=MAX_ALIASES,
            )
            fail(self._file, mark, too_much)
        if len(self._stack) + node.height > MAX_DEPTH:
            fail(self._file, mark, _too_deep())
        if self._stack:
            self._stack[-1].take(node, mark)
        else:
            self.root = node
        if node.open:
            self._stack.append(node)

    def alias(self, name: str, mark: Mark, span: tuple[int, int]) -> None:
        """Add a node again by its anchor."""
        self._aliases += 1
        node = self._anchors.get(name)
        if node is None:
            message = phrase("there is no '{anchor}' above", anchor=f"&{name}")
            fail(self._file, mark, message, phrase("put a text that begins with {sign} in quotes", sign="*"))
        if node.open:
            fail(self._file, mark, phrase("'{alias}' stands inside of '{anchor}'", alias=f"*{name}", anchor=f"&{name}"))
        if self._stack:
            self._stack[-1].aliases[len(self._stack[-1].children)] = span
        self.add(node, mark)

    def close(self, end: int) -> None:
        """Close the list or map that began last; it ends there."""
        done = self._stack.pop()
        done.open, done.end = False, end
        done.size += sum(child.size for child, _ in done.children)
        done.height += max((child.height for child, _ in done.children), default=0)


def _node(event: Any, mark: Mark, start: int, end: int) -> Node:
    if isinstance(event, yaml.ScalarEvent):
        text, style = str(event.value), event.style or ""
        return Node("scalar", mark, start, end, text, style, anchor=event.anchor, tag=event.tag)
    kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
    flow = bool(event.flow_style)
    return Node(kind, mark, start, end, flow=flow, anchor=event.anchor, open=True, tag=event.tag)


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    problem, context = str(error.problem), str(error.context)
    begun = error.context_mark
    place = error.problem_mark or begun
    line, column = (place.line, place.column) if place is not None else (0, 0)
    lines = _BREAK.split(text)
    if line >= len(lines):
        line, column = len(lines) - 1, len(lines[-1])
    row = lines[line]
    here = row[column : column + 1]
    message, hint = phrase("this is not YAML: {why}", why=problem), ""
    indent = row[: len(row) - len(row.lstrip())]
    if "\t" in indent or here == "\t":
        column = indent.find("\t") if "\t" in indent else column
        message, hint = phrase("a tab"), phrase("YAML is indented with spaces")
    elif row[max(0, column - 1) : column + 1] == "${":
        column -= 1
        end = row.find("}", column)
        written = row[column : end + 1] if end >= 0 else "${...}"
        message = phrase("{text} needs quotes here", text=written)
        hint = phrase("write {example}", example=f'"{written}"')
    elif begun is not None and "quoted scalar" in context and "end of stream" in problem:
        line, column = begun.line, begun.column
        message = phrase("this quote is never closed")
    elif begun is not None and "flow" in context:
        sign = "}" if "mapping" in context else "]"
        message = phrase("',' or '{sign}' is missing here", sign=sign)
        hint = phrase("for the bracket of line {line}, column {column}", line=begun.line + 1, column=begun.column + 1)
    elif "mapping values are not allowed" in problem:
        message = phrase("a ':' where none can be")
        hint = phrase("put a text that holds ': ' in quotes, or begin a new line")
    elif begun is not None and "':'" in problem:
        line, column = begun.line, begun.column
        message = phrase("'key: value' is expected here; the ':' is missing")
    elif "cannot start any token" in problem:
        message, hint = phrase("a text cannot begin with {sign}", sign=here), phrase("put it in quotes")
    elif "expected key" in problem or "block end" in problem:
        message = phrase("this does not line up with the lines above")
        hint = phrase("indent it by as many spaces as its neighbours")
    return problem_at(file, Mark(line + 1, column + 1), message, hint)
