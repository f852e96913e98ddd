"""Keeps the events that a node failed on in history/dead_letters.jsonl, so that a failure can be understood later."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, cast

from graphs.engine.log.people import hidden_words, with_masked_names, without
from graphs.engine.log.redact import Redactor
from graphs.engine.log.summary import summary
from nodes.phrases import said_by
from nodes.shared_file import replace
from schemas.chat import Withdrawn
from schemas.event import Event

LARGEST = 5 * 1024 * 1024
"""At this many bytes the file is renamed to dead_letters.1.jsonl, replacing the previous one."""


class DeadLetters:
    """Appends one JSON object per line: t, node, node_type, error, event (see ``summary``)."""

    def __init__(
        self,
        path: Path,
        redact: Redactor,
        trouble: Callable[[str], None],
        *,
        mask: bool = False,
        largest: int = LARGEST,
    ) -> None:
        """
        Args:
            trouble: called once when the file cannot be written; nothing is ever raised.
            mask: write nicknames masked instead of in full.
        """
        self._path = path
        self._old = path.with_suffix(".1.jsonl")
        self._lock = Lock()
        self._mask = mask
        self._redact = redact
        self._trouble = trouble
        self._largest = largest
        self._told = False

    def add(self, node: str, type_: str, event: Event, error: BaseException) -> None:
        try:
            shown = summary(event)
            told = self._redact.text(f"{type(error).__name__}: {said_by(error)}")
            letter = {
                "t": datetime.now().astimezone().isoformat(timespec="milliseconds"),
                "node": node,
                "node_type": type_,
                "error": without(told, hidden_words(event, mask=self._mask)),
                "event": with_masked_names(shown, event) if self._mask else shown,
            }
            with self._lock:
                self._write(json.dumps(self._redact.data(letter), ensure_ascii=False) + "\n")
        except Exception as trouble:  # a full disk, or an event so broken that it cannot even be described
            self._tell(trouble)

    def forget(self, withdrawn: Withdrawn) -> None:
        """Remove the letters about what was withdrawn from the files; blocks, so call it in a worker thread."""
        try:
            with self._lock:
                for path in (self._path, self._old):
                    forget_lines(path, lambda line: _is_about(line, withdrawn))
        except OSError as trouble:
            self._tell(trouble)

    def _tell(self, trouble: Exception) -> None:
        if not self._told:
            self._told = True
            self._trouble(f"{self._path.name} cannot be written: {trouble!r}")

    def _write(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size > self._largest:
            with contextlib.suppress(OSError):  # on Windows, while another program reads the file; keep the same one
                self._path.replace(self._old)
        with self._path.open("a", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(line)


def forget_lines(path: Path, covered: Callable[[bytes], bool]) -> None:
    """Rewrite a file of lines without those that are covered; does nothing if there is no file.

    Raises:
        OSError: the file cannot be read or written.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return
    left = [line for line in lines if not covered(line)]
    if len(left) < len(lines):
        replace(path, b"".join(left), durable=False)


def _is_about(line: bytes, withdrawn: Withdrawn) -> bool:
    """Whether a letter holds the message; if that cannot be read for certain, whether it contains the author's id."""
    author = withdrawn.author_id.encode()
    if withdrawn.sent_at is None:
        return bool(author) and author in line
    try:
        authors = list(_authors(json.loads(line)))
    except (ValueError, RecursionError):
        authors = []
    if authors:
        return any(
            id_ == withdrawn.author_id
            and isinstance(at, int | float)
            and withdrawn.sent_at - 0.001 < at < withdrawn.sent_at + 0.001
            for id_, at in authors
        )
    return bool(author) and author in line


def _authors(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (author_id, sent_at) of every viewer event in a letter."""
    if isinstance(value, Mapping):
        fields = cast(Mapping[str, Any], value)
        if "author_id" in fields:
            yield fields["author_id"], fields.get("sent_at")
        for inner in fields.values():
            yield from _authors(inner)
    elif isinstance(value, list):
        for inner in cast(list[Any], value):
            yield from _authors(inner)
