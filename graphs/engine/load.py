"""YAML text -> plain data with the position of every key and value.

Stricter than YAML where YAML surprises: one document, no tags, no dates, no ``yes``/``no``/``on``/``off``, no base-60
numbers, no key twice, and limits on size, depth and aliases. It works on the parser's events, so that no input makes it
recurse deeply or expand without bound (facts: 380 bytes of aliases stand for 10^8 values).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml
from yaml.reader import Reader

from schemas.graph import GraphError, Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_ALIASES = 100
MAX_VALUES = 5_000
"""Keys, values and lists of a file, counted with every alias written out."""
MAX_PROBLEMS = 100

Path = tuple[str | int, ...]
"""Where a value stands in the data: ``("nodes", "batch", "in", 0)``."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_events: Callable[..., Iterator[Any]] = getattr(yaml, "parse")  # noqa: B009 (its type is not known)
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_MAX_DIGITS = 100
_VARIABLE = re.compile(r"\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\})?")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; both count from 1, columns in characters."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """What a YAML file says, and where it says it."""

    file: str
    text: str
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: list[Problem] = field(default_factory=list[Problem])
    """What is wrong though the file could be read: a key given twice, a variable that is not set."""
    variables: dict[Path, str] = field(default_factory=dict[Path, str])
    """Values that were read from the environment -> as they are written in the file."""
    broken: set[Path] = field(default_factory=set[Path])
    """Values that a problem was reported for."""
    _marks: dict[Path, tuple[Mark, Mark]] = field(default_factory=dict[Path, tuple[Mark, Mark]])

    def key(self, path: Path) -> Mark:
        """Where the key of ``path`` stands, or the key of the nearest value around it."""
        return self._nearest(path)[0]

    def value(self, path: Path) -> Mark:
        """Where the value of ``path`` stands, or the nearest value around it."""
        return self._nearest(path)[1]

    def holds(self, path: Path) -> bool:
        """Whether the file says something at ``path``."""
        return path in self._marks

    def put(self, path: Path, key: Mark, value: Mark) -> None:
        self._marks[path] = (key, value)

    def problem(self, mark: Mark, message: str, hint: str = "") -> None:
        """Take a problem down, once.

        Raises:
            GraphError: there are so many that more would not help.
        """
        found = Problem(self.file, mark.line, mark.column, message, hint)
        if found not in self.problems:
            self.problems.append(found)
        if len(self.problems) >= MAX_PROBLEMS:
            raise GraphError(self.problems)

    def _nearest(self, path: Path) -> tuple[Mark, Mark]:
        while path not in self._marks:
            path = path[:-1]
        return self._marks[path]


def load(source: str | bytes, file: str, env: Mapping[str, str]) -> Document:
    """Read a YAML mapping and fill in ``${NAME}`` and ``${NAME:-default}`` from ``env``.

    Placeholders are replaced in texts after parsing, so a value can never become YAML. A plain scalar that is one
    placeholder and nothing else is read as a number or boolean if it looks like one; a quoted one stays text.

    Raises:
        GraphError: the file cannot be read as YAML or breaks a limit. What is wrong in a file that can be read stands
            in ``Document.problems``.
    """
    text = _decoded(source, file)
    root = _composed(text, file)
    if root is None or (root.kind == "scalar" and root.plain and root.text in _WORDS):
        _fail(file, Mark(1, 1), "the file is empty", "a graph begins with 'nodes:'")
    if root.kind != "map":
        _fail(file, root.mark, "a graph is written as 'key: value' lines", "begin with 'nodes:'")
    document = Document(file, text)
    document.put((), root.mark, root.mark)
    document.data = _Builder(document, env).build(root, root.mark, ())
    return document


def _fail(file: str, mark: Mark, message: str, hint: str = "") -> NoReturn:
    raise GraphError([Problem(file, mark.line, mark.column, message, hint)])


def _decoded(source: str | bytes, file: str) -> str:
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        _fail(file, Mark(1, 1), f"the file has {size // 1024} kB; at most {MAX_BYTES // 1024} kB are read")
    if isinstance(source, bytes):
        try:
            text = source.decode("utf-8")
        except UnicodeDecodeError as error:
            before = source[: error.start].decode("utf-8")
            _fail(file, _mark_at(before.removeprefix("\ufeff")), "this is not UTF-8", "save the file as UTF-8")
    else:
        text = source
    text = text.removeprefix("\ufeff")
    wrong = Reader.NON_PRINTABLE.search(text)
    if wrong is not None:
        mark = _mark_at(text[: wrong.start()])
        _fail(file, mark, f"the character U+{ord(wrong[0]):04X} cannot stand in a graph", "delete it")
    return text


def _mark_at(before: str) -> Mark:
    return Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))


@dataclass(slots=True, eq=False)
class _Node:
    kind: str
    """``scalar``, ``list`` or ``map``."""
    mark: Mark
    text: str = ""
    plain: bool = False
    children: list[tuple["_Node", Mark]] = field(default_factory=list[tuple["_Node", Mark]])
    """With the place of use, which for an alias is not the place of the node. A map has keys and values in turn."""
    size: int = 1
    height: int = 1
    open: bool = False
    tag: str | None = None

    def take(self, child: "_Node", mark: Mark) -> None:
        self.children.append((child, mark))

    def pairs(self) -> Iterator[tuple[tuple["_Node", Mark], tuple["_Node", Mark]]]:
        return zip(self.children[::2], self.children[1::2], strict=True)


def _composed(text: str, file: str) -> _Node | None:
    try:
        return _compose(text, file)
    except yaml.MarkedYAMLError as error:
        raise GraphError([_syntax(error, text, file)]) from None


def _compose(text: str, file: str) -> _Node | None:
    root: _Node | None = None
    stack: list[_Node] = []
    anchors: dict[str, _Node] = {}
    total = aliases = 0
    for event in _events(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionEndEvent):
            done = stack.pop()
            done.open = False
            done.size += sum(child.size for child, _ in done.children)
            done.height += max((child.height for child, _ in done.children), default=0)
            continue
        mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            _fail(file, mark, "a second document begins here", "one file holds one graph; delete the line '---'")
        if not isinstance(event, yaml.NodeEvent):
            continue
        if isinstance(event, yaml.AliasEvent):
            aliases += 1
            node = anchors.get(event.anchor)
            if node is None:
                _fail(file, mark, f"there is no '&{event.anchor}' above", "put a text that begins with * in quotes")
            if node.open:
                _fail(file, mark, f"'*{event.anchor}' stands inside of '&{event.anchor}'")
        else:
            node = _node(event, mark)
            if event.anchor is not None:
                anchors[event.anchor] = node
        total += node.size
        if total > MAX_VALUES or aliases > MAX_ALIASES:
            _fail(file, mark, f"too much: at most {MAX_VALUES} values and {MAX_ALIASES} aliases, aliases written out")
        if len(stack) + node.height > MAX_DEPTH:
            _fail(file, mark, f"nested too deeply: at most {MAX_DEPTH} levels")
        if stack:
            stack[-1].take(node, mark)
        else:
            root = node
        if node.open:
            stack.append(node)
    return root


def _node(event: Any, mark: Mark) -> _Node:
    if isinstance(event, yaml.ScalarEvent):
        return _Node("scalar", mark, str(event.value), not event.style, tag=event.tag)
    kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
    return _Node(kind, mark, open=True, tag=event.tag)


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    problem, context = str(error.problem), str(error.context)
    begun = error.context_mark
    place = error.problem_mark or begun
    line, column = (place.line, place.column) if place is not None else (0, 0)
    lines = text.split("\n")
    row = lines[line] if line < len(lines) else ""
    here = row[column : column + 1]
    message, hint = f"this is not YAML: {problem}", ""
    indent = row[: len(row) - len(row.lstrip())]
    if "\t" in indent or here == "\t":
        column = indent.find("\t") if "\t" in indent else column
        message, hint = "a tab", "YAML is indented with spaces"
    elif row[max(0, column - 1) : column + 1] == "${":
        column -= 1
        end = row.find("}", column)
        written = row[column : end + 1] if end >= 0 else "${...}"
        message, hint = f"{written} needs quotes here", f'write "{written}"'
    elif begun is not None and "quoted scalar" in context and "end of stream" in problem:
        line, column = begun.line, begun.column
        message = "this quote is never closed"
    elif begun is not None and "flow" in context:
        sign = "}" if "mapping" in context else "]"
        message = f"',' or '{sign}' is missing here"
        hint = f"for the bracket of line {begun.line + 1}, column {begun.column + 1}"
    elif "mapping values are not allowed" in problem:
        message, hint = "a ':' where none can be", "put a text that holds ': ' in quotes, or begin a new line"
    elif begun is not None and "':'" in problem:
        line, column = begun.line, begun.column
        message = "'key: value' is expected here; the ':' is missing"
    elif "cannot start any token" in problem:
        message, hint = f"a text cannot begin with {here}", "put it in quotes"
    elif "expected key" in problem or "block end" in problem:
        message, hint = "this does not line up with the lines above", "indent it by as many spaces as its neighbours"
    return Problem(file, line + 1, column + 1, message, hint)


class _Builder:
    def __init__(self, document: Document, env: Mapping[str, str]) -> None:
        self._document = document
        self._env = env

    def build(self, node: _Node, mark: Mark, path: Path) -> Any:
        if node.tag is not None:
            self._document.broken.add(path)
            self._document.problem(node.mark, "a graph has no tags (!...)", "put a text that begins with ! in quotes")
        if node.kind == "map":
            return self._map(node, path)
        if node.kind == "list":
            return [self._child(child, use, use, (*path, i)) for i, (child, use) in enumerate(node.children)]
        value = scalar(node.text) if node.plain else node.text
        return self._filled(node, value, mark, path) if isinstance(value, str) else value

    def _child(self, node: _Node, key: Mark, use: Mark, path: Path) -> Any:
        self._document.put(path, key, use)
        return self.build(node, use, path)

    def _map(self, node: _Node, path: Path) -> dict[str, Any]:
        found = self._merged(node)
        return {name: self._child(value, key, use, (*path, name)) for name, (key, value, use) in found.items()}

    def _merged(self, node: _Node) -> dict[str, tuple[Mark, _Node, Mark]]:
        """The keys of a map, then those that ``<<`` adds; what was there first stays."""
        found: dict[str, tuple[Mark, _Node, Mark]] = {}
        added: list[tuple[_Node, Mark]] = []
        for (key, key_mark), (value, use) in node.pairs():
            if key.kind != "scalar":
                self._document.problem(key_mark, "a key must be a plain text", "put quotes around it")
            elif key.text == "<<" and key.plain:
                added += value.children if value.kind == "list" else [(value, use)]
            elif key.text in found:
                first = found[key.text][0]
                self._document.problem(
                    key_mark, f"'{key.text}' is given twice", f"the first one is in line {first.line}; delete one"
                )
            else:
                found[key.text] = (key_mark, value, use)
        for source, use in added:
            if source.kind == "map":
                for name, entry in self._merged(source).items():
                    found.setdefault(name, entry)
            else:
                self._document.problem(use, "'<<' adds the keys of a mapping", "write <<: *name")
        return found

    def _filled(self, node: _Node, text: str, mark: Mark, path: Path) -> Any:
        if "${" not in text:
            return text
        self._document.variables[path] = text

        def value(match: re.Match[str]) -> str:
            name, default = match[1], match[2]
            if name is None:
                self._unfilled(mark, path, "'${' begins a variable", "write ${NAME} or ${NAME:-default}")
            elif self._env.get(name):
                return self._env[name]
            elif default is None:
                self._unfilled(mark, path, f"{name} is not set", f"add a line {name}=... to the file .env")
            return default or ""

        filled = _VARIABLE.sub(value, text)
        return scalar(filled) if node.plain and _VARIABLE.fullmatch(text) else filled

    def _unfilled(self, mark: Mark, path: Path, message: str, hint: str) -> None:
        self._document.broken.add(path)
        self._document.problem(mark, message, hint)


def scalar(text: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema of YAML 1.2 (section 10.3.2): ``no`` and ``12:30`` are texts."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _MAX_DIGITS:
        if _INT.fullmatch(text):
            return int(text, {"0x": 16, "0o": 8}.get(text[:2], 10))
        if _FLOAT.fullmatch(text):
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
