"""Changes one setting in the text of a graph, and nothing else of it: comments and layout stay."""

import json
import re
from typing import Any

from graphs.engine.language.document import Document, Mark, Path
from nodes.phrases import phrase

_SCALAR = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,\[\]{}#'"][^,\[\]{}#\n]*)""")
"""A value on one line, as far as one stands in a graph."""


class NotChanged(ValueError):
    """The setting cannot be changed without more than one edit."""


def with_setting(document: Document, path: Path, value: Any) -> str:
    """Return the text of a graph with one setting changed, or added after the ``type`` of its node.

    Raises:
        NotChanged: its value spans lines, or comes from the environment, or there is no ``type`` to add it to.
    """
    written = json.dumps(value, ensure_ascii=False)
    if document.holds(path):
        if path in document.variables:
            raise NotChanged(f"{document.variables[path]}")
        start, end = _span(document, document.value(path))
        return f"{document.text[:start]}{written}{document.text[end:]}"
    *around, name = path
    beside = (*around, "type" if around else "name")
    if not document.holds(beside):
        raise NotChanged(phrase("nothing to add {name} to", name=name))
    _, end = _span(document, document.value(beside))
    added = f"{name}: {written}"
    if re.match(r"\s*[,}]", document.text[end:]):
        return f"{document.text[:end]}, {added}{document.text[end:]}"
    line_end = document.text.find("\n", end)
    line_end = len(document.text) if line_end < 0 else line_end
    indent = " " * (document.key(beside).column - 1)
    return f"{document.text[:line_end]}\n{indent}{added}{document.text[line_end:]}"


def _span(document: Document, mark: Mark) -> tuple[int, int]:
    """Return where a value begins and ends in the text."""
    lines = document.text.splitlines(keepends=True)
    start = sum(map(len, lines[: mark.line - 1])) + mark.column - 1
    found = _SCALAR.match(document.text, start)
    if found is None:
        raise NotChanged(phrase("a value of several parts"))
    return start, start + len(found.group().rstrip())
