"""Keeps how a graph's file is written as bytes: its encoding, its mark and the end of each line."""

import codecs
import re
from collections import Counter
from difflib import SequenceMatcher

from nodes.phrases import phrase
from nodes.written import NotText, save_as_utf8, written
from schemas.graph import GraphError, Problem

_ENDS = re.compile("\r\n|\n|\r")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Marks at the beginning of a file; UTF-32 begins like UTF-16."""


class Script:
    """The content of a graph's file."""

    def __init__(self, raw: bytes, file: str) -> None:
        """
        Raises:
            GraphError: the bytes are not text.
        """
        try:
            found = written(raw)
        except NotText as error:
            raise GraphError([Problem(file, error.line, 1, error.what, error.remedy)]) from None
        self.text = found.text
        """As the reader of graphs has it: without the mark of the file, lines end with ``\\n``."""
        self._file = file
        self._mark, self._encoding = next(
            ((mark, encoding) for mark, encoding in _MARKS if raw.startswith(mark)), (b"", found.encoding)
        )
        self._ends: list[str] = _ENDS.findall(raw[len(self._mark) :].decode(self._encoding))

    def bytes(self, text: str) -> bytes:
        """Return the bytes of the file once it holds another text: lines that stay keep their ends.

        Raises:
            GraphError: the encoding of the file cannot hold the text.
        """
        lines = text.split("\n")
        ends = self._ends_of(lines)
        whole = "".join(f"{line}{end}" for line, end in zip(lines, [*ends, ""], strict=True))
        try:
            raw = self._mark + whole.encode(self._encoding)
            kept = written(raw).text == text
        except ValueError:  # also NotText
            raw, kept = b"", False
        if not kept:
            message = phrase(
                "the file is saved as {encoding}, which cannot hold this text", encoding=self._encoding.upper()
            )
            raise GraphError([Problem(self._file, 1, 1, message, save_as_utf8())])
        return raw

    def _ends_of(self, lines: list[str]) -> list[str]:
        """Return the end of each line but the last."""
        usual = Counter(self._ends).most_common(1)[0][0] if self._ends else "\n"
        if len(set(self._ends)) < 2:
            return [usual] * (len(lines) - 1)
        old, ends = self.text.split("\n"), [*self._ends, usual]
        found: list[str] = []
        for how, start, end, first, last in SequenceMatcher(None, old, lines, autojunk=False).get_opcodes():
            here = ends[start:end] if how != "insert" else []
            before = found[-1] if found else usual
            found += [*here, *[before] * (last - first)][: last - first]
        return found[:-1]
