"""Knows which paid events a run died on, so that no event ends every next run as well.

Beside each journal lies a file that names what is being answered right now, a JSON object a line:
``{"begun": "<id>"}``, ``{"heard": "<id>"}`` when something of its turn was heard, ``{"rests": "<id>"}`` when it waits
again or is done. What it names when the next run begins is what the last one died on; that is counted in the event's
own line of the journal, as ``deaths`` and ``heard``. Which of several events it was cannot be known; of several shows
of a process only those that were at work are counted (``at_work.acquit``). The file is not flushed to disk: it survives
the end of a process, and a loss of power may not be counted.
"""

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from graphs.engine.books.journal_lines import event_id, line, record
from schemas.chat import ViewerEvent

PLAIN = 2
"""After so many deaths an event is thanked for without its text."""
ASIDE = 4
"""After so many deaths it is left to the streamer."""
HEARD = 2
"""So often an event is answered of which something was heard before the run died."""
LARGEST = 64_000
"""The file is begun again above this many bytes."""
_BINARY = getattr(os, "O_BINARY", 0)


class Died(NamedTuple):
    """How many runs died on an event, and in how many of them something of its answer was heard."""

    deaths: int = 0
    heard: int = 0

    @property
    def plain(self) -> bool:
        return self.deaths >= PLAIN

    @property
    def aside(self) -> bool:
        return self.deaths >= ASIDE or self.heard >= HEARD


def died(fields: dict[str, Any]) -> Died:
    """Read the counts of an event's line in the journal."""
    deaths, heard = fields.get("deaths"), fields.get("heard")
    return Died(deaths if isinstance(deaths, int) else 0, heard if isinstance(heard, int) else 0)


def counted(text: bytes, fields: dict[str, Any], under_way: dict[str, bool]) -> bytes:
    """Count the end of a run in the line of an event that was ``under_way``; other lines stay as they are.

    Args:
        under_way: see ``read``.
    """
    name = event_id(fields)
    if name is None or name not in under_way:
        return text
    before = died(fields)
    fields["deaths"], fields["heard"] = before.deaths + 1, before.heard + under_way[name]
    return line(**fields)


def read(journal: Path) -> dict[str, bool]:
    """Return what was under way when the last run with this journal ended: id -> whether something of it was heard."""
    found: dict[str, bool] = {}
    text = b""
    with contextlib.suppress(OSError):
        text = _beside(journal).read_bytes()
    for each in text.splitlines():
        with contextlib.suppress(ValueError, RecursionError):  # a line that is not whole
            fields = record(each)
            if "begun" in fields:
                found.setdefault(str(fields["begun"]), False)
            elif "heard" in fields:
                found[str(fields["heard"])] = True
            else:
                found.pop(str(fields.get("rests")), None)
    return found


def forget(journal: Path) -> None:
    """Forget what was under way when the last run with this journal ended: it did not die on that."""
    with contextlib.suppress(OSError):
        _beside(journal).write_bytes(b"")


def without_text(event: ViewerEvent) -> ViewerEvent:
    """Return an event that is thanked for by the written rules, without what its viewer wrote and sent along."""
    return replace(event, plain=True, text="", emotes={}, badges=())


class UnderWay:
    """Writes the file. Its methods never raise because of it: what cannot be written is not counted."""

    def __init__(self) -> None:
        self._now: dict[str, bool] = {}
        self._fd: int | None = None
        self._size = 0

    def open(self, journal: Path) -> None:
        """Begin the file of a run anew: what it said was read."""
        with contextlib.suppress(OSError):
            self._fd = os.open(_beside(journal), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC | _BINARY, 0o600)

    def begun(self, ids: Iterable[str]) -> None:
        """Note that a run would die on these events from now on."""
        for each in ids:
            if each not in self._now:
                self._now[each] = False
                self._write("begun", each)

    def heard(self, ids: Iterable[str]) -> None:
        """Note that something of their turn was heard."""
        for each in ids:
            if self._now.get(each) is False:
                self._now[each] = True
                self._write("heard", each)

    def rests(self, event_id: str) -> None:
        """Note that nothing is done with the event right now, or never again."""
        if self._now.pop(event_id, None) is not None:
            self._write("rests", event_id)

    def close(self) -> None:
        """Note that the run ends by itself; what is still said is not written down."""
        fd, self._fd = self._fd, None
        if fd is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(fd, 0)
            os.close(fd)

    def _write(self, what: str, event_id: str) -> None:
        if self._fd is None:
            return
        texts = [_line(what, event_id)]
        with contextlib.suppress(OSError):
            if not self._now or self._size > LARGEST:
                os.ftruncate(self._fd, 0)
                self._size = 0
                texts = [_line("heard" if heard else "begun", each) for each, heard in self._now.items()]
            self._size += os.write(self._fd, b"".join(texts)) if texts else 0


def _line(what: str, event_id: str) -> bytes:
    return json.dumps({what: event_id}).encode() + b"\n"


def _beside(journal: Path) -> Path:
    return journal.with_suffix(".under-way")
