"""Parses server-sent events by the HTML standard, with bounds: bytes in, fields out.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html. Only CR, LF and CRLF end a line: ``aiter_lines``
of httpx also splits at U+2028, U+0085 and others, which may occur in JSON. httpx-sse splits by the standard, but it
reads lines of any length and drops the field ``error``, in which llama.cpp servers report what is wrong.
"""

import re

from nodes.phrases import phrase

_END = re.compile(rb"\r\n?|\n")
_MARK = "\ufeff"

Field = tuple[str, str]
"""(name, value); both are empty for a blank line, which ends an event."""


class TooLong(ValueError):
    """Raised when a line exceeds the limit without an end."""


class Fields:
    """Reads a stream line by line; comments are dropped.

    Args:
        most: the largest number of bytes in a line.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rest = bytearray()
        self._searched = 0
        """Bytes of ``_rest`` known to contain no line end: a long line comes in many pieces."""
        self._after_cr = self._endless = False
        self._first = True

    def push(self, data: bytes) -> list[Field]:
        """Return the fields of the lines that are complete by now.

        Raises:
            TooLong: a line is longer than ``most``; what came before it was returned.
        """
        if self._endless:
            raise TooLong(phrase("a line of more than {most} bytes", most=self._most))
        if not data:
            return []
        if self._after_cr and data[:1] == b"\n":
            data = data[1:]  # the second half of CRLF
        self._after_cr = data[-1:] == b"\r"
        self._rest += data
        found: list[Field] = []
        begin = 0
        for end in _END.finditer(self._rest, self._searched):
            line = self._rest[begin : end.start()]
            self._endless = self._endless or len(line) > self._most
            if self._endless:
                break
            found += self._field(line.decode("utf-8", "replace"))
            begin = end.end()
        del self._rest[:begin]
        self._searched = len(self._rest)
        self._endless = self._endless or len(self._rest) > self._most
        return found or self.push(b"") if self._endless else found

    def end(self) -> list[Field]:
        """End the stream; return the field of a last line without a line end.

        Raises:
            TooLong: a line is longer than ``most``.
        """
        self.push(b"")
        line, self._rest = self._rest.decode("utf-8", "replace"), bytearray()
        return self._field(line) if line else []

    def _field(self, line: str) -> list[Field]:
        if self._first:
            line, self._first = line.removeprefix(_MARK), False
        if line.startswith(":"):
            return []
        name, _, value = line.partition(":")
        return [(name, value.removeprefix(" "))]
