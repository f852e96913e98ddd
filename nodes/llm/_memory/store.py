"""What is remembered, as files: written so that a power cut at any moment leaves a state that can be read.

``summary.json`` (the current pieces), ``recent.json`` (the turns of the window), ``viewers.json``, and
``summaries/summary_20261129_180000_n000001.json`` ...: every piece that was ever made, with the time (UTC) and its
number. A ``summary.json`` of another program, with a text alone, is read too. A file named ``DO_BACKUP`` asks for a
copy of everything under ``backups/``. Each file is written beside its place, synced to the disk, and then moved there.
``summary.json`` is written before ``recent.json`` and says which turns are in it: those are skipped when both are read.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar

from pydantic import BaseModel

from nodes.aside import unused
from nodes.llm._memory.disk import Disk
from nodes.llm._memory.history import Turn
from nodes.llm._memory.records import (
    NoteRecord,
    PieceRecord,
    PlainSummary,
    RecentFile,
    SummaryFile,
    TurnRecord,
    ViewersFile,
)
from nodes.llm._memory.summary import Piece
from nodes.llm._memory.viewers import Note
from nodes.phrases import phrase, reason_of
from nodes.written import written
from schemas.chat import Withdrawn

T = TypeVar("T", bound=BaseModel)
_PIECE = re.compile(r"(?:summary_\d{8}_\d{6}_n)?(?P<number>\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is remembered, at one moment."""

    turns: tuple[Turn, ...] = ()
    pieces: tuple[Piece, ...] = ()
    through: int = 0
    """Serial of the newest turn that is in a piece."""
    viewers: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What the files do not have yet."""

    version: int
    state: State
    made: tuple[Piece, ...] = ()
    """New pieces, for the archive."""
    forget: tuple[Withdrawn, ...] = ()
    """What the archive must forget."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the files held."""

    state: State = State()
    next_piece: int = 1
    lines: tuple[str, ...] = ()
    """Lines for the operator."""


class Store:
    """The files under one folder. Its methods block: for the worker thread.

    Args:
        folder: usually history/; None: nothing is read or written.
        disk: performs the file operations.
    """

    def __init__(self, folder: Path | None = None, disk: Disk | None = None) -> None:
        self._folder = folder or Path()
        self._there = folder is not None
        self._disk = disk or Disk()
        self._written: dict[str, bytes] = {}
        self._version = 0
        self._refused = ""
        self._kept: dict[str, str] = {}
        """Files that must be kept when another takes their place: their content is not known (``unread``), or was
        written by another program (``before``)."""
        self._names: dict[int, str] = {}
        """Number of a piece -> the name of its file."""
        self._made: tuple[tuple[Piece, ...] | None, str] = (None, "")
        """The pieces that were saved last, and when they first were."""
        self._turn = Lock()
        """A node and the one that replaces it may both save for a moment, each in its own thread."""

    def read(self) -> Found:
        """Read what was remembered. A file that cannot be read is set aside, and a line says so."""
        if not (self._there and self._folder.is_dir()):
            return Found()
        lines: list[str] = []
        for folder in (self._folder, self._folder / "summaries"):
            with contextlib.suppress(OSError):
                for path in self._disk.left(folder):
                    self._disk.remove(path)
        summary = self._load("summary.json", _summary_of, lines) or SummaryFile()
        recent = self._load("recent.json", RecentFile.model_validate_json, lines) or RecentFile()
        viewers = self._load("viewers.json", ViewersFile.model_validate_json, lines) or ViewersFile()
        if isinstance(summary, PlainSummary):
            kept, pieces, through = unused(self._folder / "summary.json", "before").name, summary.pieces(), 0
            self._kept["summary.json"] = "before"
            lines.append(
                phrase(
                    "{file}: a summary that another program wrote was read ({count} letters). When the memory is saved "
                    "next, that file is kept as {kept}.",
                    file=self._folder / "summary.json",
                    count=len(summary.summary),
                    kept=kept,
                )
            )
        else:
            pieces, through = tuple(piece.piece() for piece in summary.pieces), summary.through
        state = State(
            turns=tuple(turn.turn() for turn in recent.turns if turn.serial > through),
            pieces=pieces,
            through=through,
            viewers=tuple(note.note() for note in viewers.viewers),
        )
        numbers = [piece.number for piece in state.pieces] + [number for number, _ in self._archive()]
        return Found(state, max(numbers, default=0) + 1, tuple(lines))

    def save(self, changes: Changes | None) -> list[str]:
        """Write what changed, and make the backup that DO_BACKUP asks for; None: only the latter.

        Returns:
            lines for the operator.

        Raises:
            OSError: something could not be written; what was there before can still be read.
        """
        if not self._there:
            return []
        with self._turn:
            if changes is not None and changes.version > self._version:
                self._save(changes)
                self._version = changes.version
            return self._backup()

    def _save(self, changes: Changes) -> None:
        folder = self._folder
        self._disk.folder(folder / "summaries")
        if changes.forget:
            self._forget(changes.forget)
        now = datetime.now(UTC)
        if self._made[0] != changes.state.pieces:
            self._made = changes.state.pieces, now.isoformat(timespec="seconds")
        for piece in changes.made:
            name = self._names.setdefault(piece.number, f"summary_{now:%Y%m%d_%H%M%S}_n{piece.number:06}.json")
            self._put(folder / "summaries" / name, PieceRecord.of(piece))
        state = changes.state
        self._put(
            folder / "summary.json",
            SummaryFile(
                summary=" ".join(piece.text for piece in state.pieces),
                timestamp=self._made[1],
                message_count=sum(piece.messages for piece in state.pieces),
                through=state.through,
                pieces=[PieceRecord.of(piece) for piece in state.pieces],
            ),
        )
        self._put(folder / "recent.json", RecentFile(turns=[TurnRecord.of(turn) for turn in state.turns]))
        if state.viewers or (folder / "viewers.json").exists():
            self._put(folder / "viewers.json", ViewersFile(viewers=[NoteRecord.of(note) for note in state.viewers]))

    def _put(self, path: Path, content: BaseModel) -> None:
        data = content.model_dump_json(indent=1).encode()
        if self._written.get(path.name) != data:
            if path.name in self._kept:
                with contextlib.suppress(FileNotFoundError):
                    self._disk.move(path, unused(path, self._kept[path.name]))
                del self._kept[path.name]
            self._disk.put(path, data)
            if path.parent == self._folder:
                self._written[path.name] = data

    def _load(self, name: str, read: Callable[[str], T], lines: list[str]) -> T | None:
        path = self._folder / name
        try:
            data = self._disk.read(path)
            return None if data is None else read(written(data).text)
        except OSError as error:
            self._kept[name] = "unread"
            lines.append(
                phrase(
                    "{file}: the memory cannot be read: {why}. The show begins without it, and the file is kept as "
                    "{kept}.",
                    file=path,
                    why=reason_of(error),
                    kept=unused(path, "unread").name,
                )
            )
        except (ValueError, RecursionError):
            aside = unused(path, "broken")
            with contextlib.suppress(OSError):
                self._disk.move(path, aside)
            lines.append(
                phrase(
                    "{file}: the file is damaged. It was moved to {aside}, and the show begins without it. A copy in "
                    "the folder backups can be put in its place.",
                    file=path,
                    aside=aside.name,
                )
            )
        return None

    def _archive(self) -> Iterator[tuple[int, Path]]:
        """Yield (number, file) of every piece; what else is in the folder belongs to others."""
        for path in sorted((self._folder / "summaries").glob("*.json")):
            if name := _PIECE.fullmatch(path.stem):
                yield int(name["number"]), path

    def _forget(self, withdrawn: Sequence[Withdrawn]) -> None:
        """Remove every archived piece that was made from what was withdrawn, and every one that cannot be read."""
        for _, path in self._archive():
            try:
                piece = PieceRecord.model_validate_json(self._disk.read(path) or b"").piece()
            except ValueError:
                self._disk.remove(path)
                continue
            if any(source.covered(each) for source in piece.sources for each in withdrawn):
                self._disk.remove(path)

    def _backup(self) -> list[str]:
        folder = self._folder
        flag = next((folder / name for name in ("DO_BACKUP", "DO_BACKUP.txt") if (folder / name).exists()), None)
        if flag is None:
            return []
        try:
            name = datetime.fromtimestamp(flag.stat().st_mtime, UTC).strftime("backup_%Y%m%d_%H%M%S_%f")
            made = folder / "backups" / name
            if not made.exists():  # else the program ended after the copy and before the flag was removed
                self._copy(made)
            self._disk.remove(flag)
        except OSError as error:
            told, self._refused = self._refused, str(error)
            said = phrase("{folder}: no backup of the memory could be made: {why}", folder=folder, why=error)
            return [] if told == str(error) else [said]
        self._refused = ""
        return [phrase("{folder}: the memory was backed up.", folder=made)]

    def _copy(self, made: Path) -> None:
        folder = self._folder
        making = made.with_name(f".{made.name}.tmp")
        self._disk.remove(making)
        self._disk.folder(making / "summaries")
        for path in (*(folder / name for name in ("summary.json", "recent.json", "viewers.json")), *self._pieces()):
            data = self._disk.read(path)
            if data is not None:
                self._disk.write(making / path.relative_to(folder), data)
        self._disk.move(making, made)

    def _pieces(self) -> list[Path]:
        return [path for _, path in self._archive()]


def _summary_of(text: str) -> SummaryFile | PlainSummary:
    found = json.loads(text)
    if isinstance(found, dict) and "summary" in found and "pieces" not in found:
        return PlainSummary.model_validate(found)
    return SummaryFile.model_validate_json(text)
