"""Runs pip or uv, and tells in Korean how far it is."""

from __future__ import annotations

import queue
import re
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import IO

FETCHED = re.compile(r"^(?:Collecting|Requirement already satisfied:|  *\+) ([\w.-]+?)(?=[<>=!~;,\[ ]|$)")
SIZED = re.compile(r"^ *Downloading (?:\S*/)?([A-Za-z0-9_.]+?)(?:-\d\S*)? \(([\d.]+ ?\w+)\)")
UNPACKING = re.compile(r"^(?:Installing collected|Prepared \d)")
EVERY = 10
"""Where lines cannot be painted over, every tenth package is told."""


def told(text: str) -> None:
    """Print a line now."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def followed(command: Sequence[str], log: Path, total: int) -> int:
    """Run an installation and show how far it is; returns its exit code.

    Args:
        log: what it prints is added to this file.
        total: about how many packages there will be.
    """
    lines: queue.Queue[str | None] = queue.Queue()
    child = subprocess.Popen(  # noqa: S603 - pip or uv
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
    )
    assert child.stdout is not None  # noqa: S101 - it is a pipe
    reading = threading.Thread(target=_read, args=(child.stdout, lines), daemon=True)
    reading.start()
    painting = Painting(total, sys.stdout.isatty())
    try:
        with log.open("a", encoding="utf-8") as file:
            while True:
                try:
                    line = lines.get(timeout=1)
                except queue.Empty:
                    painting.paint()
                    continue
                if line is None:
                    return child.wait()
                file.write(f"{line}\n")
                file.flush()
                painting.read(line)
    finally:
        painting.end()
        if child.poll() is None:
            child.terminate()
            child.wait()
        reading.join()
        child.stdout.close()


def _read(pipe: IO[bytes], lines: queue.Queue[str | None]) -> None:
    for line in pipe:
        lines.put(line.decode("utf-8", "replace").rstrip())
    lines.put(None)


class Painting:
    """One line that is painted over: which package, the how manyth, for how long."""

    def __init__(self, total: int, over: bool) -> None:
        """
        Args:
            over: whether the line can be painted over, as in a window; else a line is printed now and then.
        """
        self._total = total
        self._over = over
        self._begun = time.monotonic()
        self._seen: set[str] = set()
        self._what = "꾸러미를 찾는 중"
        self._width = 0

    def read(self, line: str) -> None:
        """Take a line of pip or uv."""
        fetched, sized = FETCHED.match(line), SIZED.match(line)
        if fetched and self._of(fetched[1]) not in self._seen:
            self._seen.add(self._of(fetched[1]))
            self._what = f"받는 중 {min(len(self._seen), self._total)}/{self._total}: {fetched[1]}"
            if not self._over and len(self._seen) % EVERY == 1:
                told(f"  {self._what}")
        elif sized:
            self._what = f"받는 중 {min(len(self._seen), self._total)}/{self._total}: {sized[1]} ({sized[2]})"
        elif UNPACKING.match(line):
            self._what = "푸는 중. 1분쯤 걸립니다"
            if not self._over:
                told(f"  {self._what}")
        else:
            return
        self.paint()

    @staticmethod
    def _of(name: str) -> str:
        return name.lower().replace("_", "-").replace(".", "-")

    def paint(self) -> None:
        """Show the line as it is now."""
        if self._over:
            minutes, seconds = divmod(int(time.monotonic() - self._begun), 60)
            passed = f"{minutes}분 {seconds}초" if minutes else f"{seconds}초"
            text = f"  {self._what}   {passed}"
            cells = len(text) + sum(unicodedata.east_asian_width(each) in "WF" for each in text)
            sys.stdout.write("\r" + text + " " * (self._width - cells))
            sys.stdout.flush()
            self._width = cells

    def end(self) -> None:
        """Leave the line."""
        if self._over and self._width:
            told("")
