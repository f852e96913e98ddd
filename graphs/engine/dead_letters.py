"""The events that a node failed on, in history/dead_letters.jsonl, so that a failure can be understood afterwards."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from graphs.engine.redact import Redactor
from graphs.engine.summary import summary
from schemas.event import Event

LARGEST = 5 * 1024 * 1024
"""Bytes of the file before it becomes dead_letters.1.jsonl, which is then replaced."""


class DeadLetters:
    """Appends one JSON object a line: t, node, node_type, error, event (see ``summary``)."""

    def __init__(self, path: Path, redact: Redactor, trouble: Callable[[str], None], *, largest: int = LARGEST) -> None:
        """
        Args:
            trouble: told once when the file cannot be written; nothing is ever raised.
        """
        self._path = path
        self._redact = redact
        self._trouble = trouble
        self._largest = largest
        self._told = False

    def add(self, node: str, type_: str, event: Event, error: BaseException) -> None:
        try:
            letter = {
                "t": datetime.now().astimezone().isoformat(timespec="milliseconds"),
                "node": node,
                "node_type": type_,
                "error": f"{type(error).__name__}: {error}",
                "event": summary(event),
            }
            self._write(json.dumps(self._redact.data(letter), ensure_ascii=False) + "\n")
        except Exception as trouble:  # a full disk, or an event so broken that it cannot even be described
            if not self._told:
                self._told = True
                self._trouble(f"{self._path.name} cannot be written: {trouble!r}")

    def _write(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size > self._largest:
            self._path.replace(self._path.with_suffix(".1.jsonl"))
        with self._path.open("a", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(line)
