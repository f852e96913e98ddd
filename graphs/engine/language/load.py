"""Turns YAML text into plain data with the position of every key and value.

Stricter than YAML where YAML surprises: one document, no tags, no dates, no ``yes``/``no``/``on``/``off``, no base-60
numbers, no key twice, and limits on size, depth and aliases.
"""

import re
from collections.abc import Mapping
from typing import Any

from yaml.reader import Reader

from graphs.engine.language.compose import Node, compose, fail
from graphs.engine.language.document import Document, Mark, Path
from nodes.phrases import phrase
from nodes.written import NotText, Written, note, written

MAX_BYTES = 256 * 1024

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


def load(source: str | bytes, file: str, env: Mapping[str, str]) -> Document:
    """Read a YAML mapping and fill in ``${NAME}`` and ``${NAME:-default}`` from ``env``.

    Placeholders are replaced in texts after parsing, so a value can never become YAML. A plain scalar that is one
    placeholder and nothing else is read as a number or boolean if it looks like one; a quoted one stays text.

    Raises:
        GraphError: the file cannot be read as YAML or exceeds a limit. Problems in a file that can be read are in
            ``Document.problems``.
    """
    return load_tree(source, file, env)[0]


def load_tree(source: str | bytes, file: str, env: Mapping[str, str] | None) -> tuple[Document, Node]:
    """Read a YAML mapping as ``load`` does, and give the tree that says where everything is written too.

    Args:
        env: None to leave ``${NAME}`` as it is written.

    Raises:
        GraphError: as ``load`` raises it.
    """
    text, said = _decoded(source, file)
    root = compose(text, file)
    if root is None or (root.kind == "scalar" and root.plain and root.text in _WORDS):
        fail(file, Mark(1, 1), phrase("the file is empty"), phrase("a graph begins with 'nodes:'"))
    if root.kind != "map":
        message = phrase("a graph is written as 'key: value' lines")
        fail(file, root.mark, message, phrase("begin with 'nodes:'"))
    document = Document(file, text, said)
    document.put((), root.mark, root.mark)
    document.data = _Builder(document, env).build(root, root.mark, ())
    return document, root


def _decoded(source: str | bytes, file: str) -> tuple[str, str]:
    """Return the text and what to say about its encoding."""
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        message = phrase(
            "the file has {size} kB; at most {most} kB are read", size=size // 1024, most=MAX_BYTES // 1024
        )
        fail(file, Mark(1, 1), message)
    if isinstance(source, bytes):
        try:
            found = written(source)
        except NotText as error:
            fail(file, Mark(error.line, 1), error.what, error.remedy)
    else:
        found = Written(source.removeprefix("\ufeff"), "utf-8")
    text = found.text
    wrong = Reader.NON_PRINTABLE.search(text)
    if wrong is not None:
        mark = _mark_at(text[: wrong.start()])
        message = phrase("the character {sign} cannot stand in a graph", sign=f"U+{ord(wrong[0]):04X}")
        fail(file, mark, message, phrase("delete it"))
    return text, note(found)


def _mark_at(before: str) -> Mark:
    return Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))


class _Builder:
    def __init__(self, document: Document, env: Mapping[str, str] | None) -> None:
        self._document = document
        self._env = env

    def build(self, node: Node, mark: Mark, path: Path) -> Any:
        if node.tag is not None:
            self._document.broken.add(path)
            hint = phrase("put a text that begins with {sign} in quotes", sign="!")
            self._document.problem(node.mark, phrase("a graph has no tags (!...)"), hint)
        if node.kind == "map":
            return self._map(node, path)
        if node.kind == "list":
            return [self._child(child, use, use, (*path, i)) for i, (child, use) in enumerate(node.children)]
        value = scalar(node.text) if node.plain else node.text
        return self._filled(node, value, mark, path) if isinstance(value, str) else value

    def _child(self, node: Node, key: Mark, use: Mark, path: Path) -> Any:
        self._document.put(path, key, use)
        return self.build(node, use, path)

    def _map(self, node: Node, path: Path) -> dict[str, Any]:
        found = self._merged(node)
        return {name: self._child(value, key, use, (*path, name)) for name, (key, value, use) in found.items()}

    def _merged(self, node: Node) -> dict[str, tuple[Mark, Node, Mark]]:
        """Give the keys of a map, then those that ``<<`` adds; the first occurrence wins."""
        found: dict[str, tuple[Mark, Node, Mark]] = {}
        added: list[tuple[Node, Mark]] = []
        for (key, key_mark), (value, use) in node.pairs():
            if key.kind != "scalar":
                self._document.problem(key_mark, phrase("a key must be a plain text"), phrase("put quotes around it"))
            elif key.text == "<<" and key.plain:
                added += value.children if value.kind == "list" else [(value, use)]
            elif key.text in found:
                first = found[key.text][0]
                hint = phrase("the first one is in line {line}; delete one", line=first.line)
                self._document.problem(key_mark, phrase("'{key}' is given twice", key=key.text), hint)
            else:
                found[key.text] = (key_mark, value, use)
        for source, use in added:
            if source.kind == "map":
                for name, entry in self._merged(source).items():
                    found.setdefault(name, entry)
            else:
                hint = phrase("write {example}", example="<<: *name")
                self._document.problem(use, phrase("'<<' adds the keys of a mapping"), hint)
        return found

    def _filled(self, node: Node, text: str, mark: Mark, path: Path) -> Any:
        env = self._env
        if env is None or "${" not in text:
            return text
        self._document.variables[path] = text

        def value(match: re.Match[str]) -> str:
            name, default = match[1], match[2]
            if name is None:
                hint = phrase("write {first} or {second}", first="${NAME}", second="${NAME:-default}")
                self._unfilled(mark, path, phrase("'{sign}' begins a variable", sign="${"), hint)
            elif env.get(name):
                return env[name]
            elif default is None:
                hint = phrase("add a line {name}=... to the file .env", name=name)
                self._unfilled(mark, path, phrase("{name} is not set", name=name), hint, name)
            return default or ""

        filled = _VARIABLE.sub(value, text)
        return scalar(filled) if node.plain and _VARIABLE.fullmatch(text) else filled

    def _unfilled(self, mark: Mark, path: Path, message: str, hint: str, unset: str = "") -> None:
        self._document.broken.add(path)
        self._document.problem(mark, message, hint, unset)


def scalar(text: str) -> str | int | float | bool | None:
    """Read a plain scalar by the core schema of YAML 1.2 (section 10.3.2): ``no`` and ``12:30`` are strings."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _MAX_DIGITS:
        if _INT.fullmatch(text):
            return int(text, {"0x": 16, "0o": 8}.get(text[:2], 10))
        if _FLOAT.fullmatch(text):
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
