"""Writes a log record as a line: on the terminal for a person, in a rotating file as JSON."""

import json
import logging
import os
import re
import stat
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Condition, Thread, current_thread
from typing import Any, cast

from graphs.engine.log.people import without
from graphs.engine.log.redact import Redactor
from nodes.phrases import phrase

_CONTROLS = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]")
_BREAKS = re.compile(r"\s*[\r\n]+\s*")

_HALF = 16_000
"""Keep this many characters of the beginning of a long traceback, and of its end."""
_TORN = 1_000
"""Leave out this many more where it is cut: half a secret is not recognised as one."""
_STDERR = 2
"""The descriptor of standard error."""
_FOR_NODES = "alarm"
"""The field that nodes follow (see ``schemas.alarm``); behind a command to type it would read like a part of that."""
WAITING = 1000
"""At most this many lines wait for a blocked terminal; beyond that the oldest are dropped."""


class Console(logging.StreamHandler[Any]):
    """Writes ``12:34:56 W voice: text field=value`` in the terminal's own encoding.

    A terminal can stop accepting lines (a click into a Windows console, Ctrl-S, a pipe that nobody reads), so a thread
    writes them; a file is written immediately.
    """

    def __init__(self, redact: Redactor, *, tracebacks: bool) -> None:
        super().__init__(_terminal() or sys.stderr)
        self.addFilter(_for_a_person)
        self._redact = redact
        self._tracebacks = tracebacks
        self._lines: deque[str] = deque()
        self._changed = Condition()
        self._left_out = 0
        self._writer: Thread | None = None
        self._closing = False
        self._apart = _can_block(self.stream)

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%H:%M:%S", time.localtime(record.created))
        fields: Mapping[str, object] = getattr(record, "fields", {})
        shown = {key: _one_line(str(value)) for key, value in fields.items() if key != _FOR_NODES}
        words = [_one_line(record.getMessage()), *(f"{key}={value}" for key, value in shown.items() if value)]
        line = f"{at} {record.levelname[0]} {_who(record)}{' '.join(words)}"
        if record.exc_info and self._tracebacks:
            line += "\n" + _CONTROLS.sub(" ", _traceback(record, self._redact))
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        return self._redact.text(line).encode(encoding, "replace").decode(encoding, "replace")

    def emit(self, record: logging.LogRecord) -> None:
        if not self._apart:
            super().emit(record)
            return
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
            return
        with self._changed:
            if len(self._lines) == WAITING:
                self._lines.popleft()
                self._left_out += 1
            self._lines.append(line)
            if self._writer is None:
                self._closing = False
                self._writer = Thread(target=self._write, name="console", daemon=True)
                self._writer.start()
            self._changed.notify()

    def drain(self, patience_s: float = 1.0) -> None:
        """Wait until everything is written, but at most this long for a blocked terminal."""
        with self._changed:
            writer, self._writer, self._closing = self._writer, None, True
            self._changed.notify()
        if writer is not None:
            writer.join(patience_s)

    def handleError(self, record: logging.LogRecord) -> None:
        """Do nothing: the terminal is gone, so there is nowhere to report it."""

    def _write(self) -> None:
        me = current_thread()
        while True:
            with self._changed:
                while not self._lines and not self._closing and self._writer is me:
                    self._changed.wait()
                if not self._lines:
                    return
                left_out, self._left_out = self._left_out, 0
                line = self._lines.popleft()
            try:
                if left_out:
                    self.stream.write(f"... {phrase('lines left out: {count}', count=left_out)} ...\n")
                self.stream.write(line + self.terminator)
                self.stream.flush()
            except (OSError, ValueError):  # as in handleError
                continue


def _for_a_person(record: logging.LogRecord) -> bool:
    """Whether a line belongs on the terminal too."""
    return not getattr(record, "quiet", False)


@cache
def _terminal() -> Any:
    """Return standard error under a descriptor of its own; None if it is something else than the process's own.

    A library may point descriptor 2 elsewhere for a moment: sounddevice does, while PortAudio looks for devices, and
    what is written there meanwhile is lost.
    """
    try:
        if sys.stderr.fileno() != _STDERR:
            return None
        return os.fdopen(os.dup(_STDERR), "w", encoding=sys.stderr.encoding, errors=sys.stderr.errors)
    except (OSError, ValueError, AttributeError):
        return None


def _can_block(stream: Any) -> bool:
    """Whether writing can block forever: to a terminal or a pipe, not to a file."""
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError, AttributeError):
        return False


class LogFile(RotatingFileHandler):
    """Writes one JSON object per line: t, level, node or from, text, fields, traceback."""

    def __init__(self, path: Path, size: int, backups: int, redact: Redactor, trouble: Callable[[str], None]) -> None:
        super().__init__(
            path, maxBytes=size, backupCount=backups, encoding="utf-8", errors="backslashreplace", delay=True
        )
        self._redact = redact
        self._trouble = trouble

    def format(self, record: logging.LogRecord) -> str:
        """Format each record once: every file asks for it twice, to measure and to write."""
        told: str | None = getattr(record, "json", None)
        if told is None:
            told = record.json = self._json(record)
        return told

    def _json(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "t": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname,
        }
        if record.name != "aischoco":
            line["from"] = record.name
        if node := getattr(record, "node", ""):
            line["node"] = node
        line["text"] = record.getMessage()
        fields: Mapping[str, object] = getattr(record, "fields", {})
        if fields:
            line["fields"] = dict(fields)
        if record.exc_info:
            line["traceback"] = _traceback(record, self._redact)
        return json.dumps(self._redact.data(line), ensure_ascii=False, default=self._plain)

    def _open(self) -> Any:
        """Create the folder if that failed at first: a disk that was read-only may be writable by now."""
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def doRollover(self) -> None:
        try:
            super().doRollover()
        except OSError as error:  # on Windows, while another program reads the file; keep the same one
            self._trouble(f"{Path(self.baseFilename).name} cannot be rotated: {error}")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - as logging calls it
        self._trouble(f"{Path(self.baseFilename).name} cannot be written: {sys.exc_info()[1]}")

    def _plain(self, value: object) -> str:
        return self._redact.text(str(value))


def _traceback(record: logging.LogRecord, redact: Redactor) -> str:
    told, hidden = logging.Formatter().formatException(cast(Any, record.exc_info)), getattr(record, "hidden", {})
    if len(told) <= 2 * _HALF:
        return without(redact.text(told), hidden)
    first, last = (without(redact.text(each), hidden) for each in (told[:_HALF], told[-_HALF:]))
    return f"{first[:-_TORN]}\n[...]\n{last[_TORN:]}"


def _who(record: logging.LogRecord) -> str:
    node = getattr(record, "node", "")
    if record.name != "aischoco":
        return f"{record.name}: "
    return f"{node}: " if node else ""


def _one_line(text: str) -> str:
    """Put a text on one line: what a viewer wrote must not break the line or control the terminal."""
    return _CONTROLS.sub(" ", _BREAKS.sub(" / ", text))
