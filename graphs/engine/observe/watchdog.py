"""Watches the loop and reports what blocked it, and for how long.

A timer on the loop records the time of each beat. While a beat is overdue, a thread notes what the loop's thread is
doing; the late beat itself writes the log line, with the delay: into the files, and on the terminal too if it stood
for seconds. If the loop is blocked for seconds, a thread of the interpreter itself, which needs no lock, writes the
stacks of all threads to a file: even a native call that never returns is found.
"""

import asyncio
import faulthandler
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from graphs.engine.log.run_log import RunLog
from nodes.phrases import described, noted, phrase

LATE_S = 0.25
"""A block of this many seconds could be noticed by a viewer: lips and sound are made on this loop."""
DUMP_S = 5.0
BEAT_S = 0.05
_ARM = 0.2
"""The dump is postponed each time this fraction of its delay has passed, which costs one thread per second."""
_LATER = 1 + _ARM
_FRAMES = 6
_NATIVE = noted("unknown: a native call, or a busy computer")


class Watchdog:
    """Watches the loop from ``start`` to ``dispose``."""

    def __init__(
        self,
        log: RunLog,
        dump: Path,
        *,
        late_s: float = LATE_S,
        dump_s: float = DUMP_S,
        beat_s: float = BEAT_S,
    ) -> None:
        """
        Args:
            dump: the file to which the stacks of all threads are appended after ``dump_s``, or up to 20 % later.
        """
        self._log = log
        self._dump = dump
        self._late_s = late_s
        self._dump_s = dump_s
        self._beat_s = beat_s
        self._beat = 0.0
        self._armed = 0.0
        self._culprit = ""
        self._loop_thread = 0
        self._file: IO[str] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
        self.lag_max_s = 0.0
        self.incidents = 0

    def start(self) -> None:
        """Begin to watch the running loop."""
        try:
            self._dump.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._dump.open("a", encoding="utf-8")
        except OSError as error:
            self._log.warning(phrase("{file} cannot be written: {why}", file=self._dump.name, why=error))
        self._loop_thread = threading.get_ident()
        self._beat = time.perf_counter()
        self._arm()
        self._next()
        self._thread.start()

    def dispose(self) -> None:
        self._ended.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._file is not None:
            faulthandler.cancel_dump_traceback_later()
            self._file.close()
        self._thread.join(0.2)

    def report(self) -> Mapping[str, float]:
        return {"lag_max_s": round(self.lag_max_s, 4), "incidents": self.incidents}

    def _next(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._beat_s, self._on_beat)

    def _on_beat(self) -> None:
        """Check the delay; runs on the loop, as soon as the loop is free."""
        now = time.perf_counter()
        lag, self._beat = now - self._beat - self._beat_s, now
        self.lag_max_s = max(self.lag_max_s, lag)
        if now - self._armed > _ARM * self._dump_s or lag > self._late_s:
            self._arm()
        if lag > self._late_s:
            self.incidents += 1
            held_by, self._culprit = self._culprit, ""
            see = {"see": self._dump} if lag > _LATER * self._dump_s and self._file is not None else {}
            tell = self._log.warning if see else self._log.note
            tell(phrase("everything stood still"), seconds=round(lag, 2), held_by=held_by or described(_NATIVE), **see)
        self._next()

    def _arm(self) -> None:
        self._armed = time.perf_counter()
        if self._file is not None:
            faulthandler.dump_traceback_later(_LATER * self._dump_s, file=self._file)

    def _look(self) -> None:
        """Note, once per block, what the loop is doing; runs in the thread."""
        noted = 0.0
        while not self._ended.wait(self._beat_s):
            beat = self._beat
            if beat != noted and time.perf_counter() - beat - self._beat_s > self._late_s:
                noted = beat
                frame = sys._current_frames().get(self._loop_thread)
                if frame is not None:
                    self._culprit = _told(traceback.extract_stack(frame)[-_FRAMES:])


def _told(stack: list[traceback.FrameSummary]) -> str:
    """Return ``chat/filter.py:40 look < flow/instance.py:83 feed``: innermost first, without any values."""
    if stack and stack[-1].name == "select":
        return "the computer itself (busy or asleep)"
    return " < ".join(f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(stack))


def _place(file: str) -> str:
    """Return the folder and name of a file: several folders have a ``voice.py``."""
    return "/".join(Path(file).parts[-2:])
