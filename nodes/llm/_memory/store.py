"""What is remembered, as files: written so that a power cut at any moment leaves a state that can be read.

``summary.json`` (the current pieces), ``recent.json`` (the turns of the window), ``viewers.json``, and
``summaries/000001.json`` ...: every piece that was ever made. A file named ``DO_BACKUP`` asks for a copy of everything
under ``backups/``. Each file is written beside its place, synced to the disk, and then moved there. ``summary.json`` is
written before ``recent.json`` and says which turns are in it: those are skipped when both are read.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar

from pydantic import BaseModel

from nodes.llm._memory.disk import Disk
from nodes.llm._memory.history import Turn
from nodes.llm._memory.records import NoteRecord, PieceRecord, RecentFile, SummaryFile, TurnRecord, ViewersFile
from nodes.llm._memory.summary import Piece
from nodes.llm._memory.viewers import Note
from schemas.chat import Withdrawn

T = TypeVar("T", bound=BaseModel)


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
        self._unread: set[str] = set()
        """Files whose content is not known: they must be kept when another file takes their place."""
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
        summary = self._load("summary.json", SummaryFile, lines) or SummaryFile()
        recent = self._load("recent.json", RecentFile, lines) or RecentFile()
        viewers = self._load("viewers.json", ViewersFile, lines) or ViewersFile()
        state = State(
            turns=tuple(turn.turn() for turn in recent.turns if turn.serial > summary.through),
            pieces=tuple(piece.piece() for piece in summary.pieces),
            through=summary.through,
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
        for piece in changes.made:
            self._put(folder / "summaries" / f"{piece.number:06}.json", PieceRecord.of(piece))
        state = changes.state
        self._put(
            folder / "summary.json",
            SummaryFile(
                summary=" ".join(piece.text for piece in state.pieces),
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
            if path.name in self._unread:
                with contextlib.suppress(FileNotFoundError):
                    self._disk.move(path, _free(path, "unread"))
                self._unread.discard(path.name)
            self._disk.put(path, data)
            if path.parent == self._folder:
                self._written[path.name] = data

    def _load(self, name: str, model: type[T], lines: list[str]) -> T | None:
        path = self._folder / name
        try:
            data = self._disk.read(path)
            return None if data is None else model.model_validate_json(data)
        except OSError as error:
            self._unread.add(name)
            lines.append(
                f"{path}: 기억을 읽지 못했습니다: {error.strerror}. 없는 것으로 하고 시작하고, 이 파일은 "
                f"{_free(path, 'unread').name}(으)로 남겨 둡니다. / cannot be read, and is kept aside"
            )
        except ValueError:
            aside = _free(path, "broken")
            with contextlib.suppress(OSError):
                self._disk.move(path, aside)
            lines.append(
                f"{path}: 파일이 깨져 있어 {aside.name}(으)로 옮기고 이 기억 없이 시작합니다. "
                "backups 폴더에 복사본이 있으면 되돌릴 수 있습니다. / it was damaged and set aside"
            )
        return None

    def _archive(self) -> Iterator[tuple[int, Path]]:
        for path in sorted((self._folder / "summaries").glob("[0-9]*.json")):
            if path.stem.isdecimal():
                yield int(path.stem), path

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
            return [] if told == str(error) else [f"{folder}: 백업하지 못했습니다: {error} / no backup was made"]
        self._refused = ""
        return [f"{made}: 기억을 백업했습니다. / the memory was backed up"]

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


def _free(path: Path, why: str) -> Path:
    """Return an unused name beside it: what was set aside before stays."""
    number, aside = 1, path.with_name(f"{path.name}.{why}")
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.{why}{number}")
    return aside
