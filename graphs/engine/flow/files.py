"""Files that nodes read, and the folder of the run."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from nodes.particles import CHARACTER, named
from nodes.phrases import failure_of, phrase, reason_of, said_by
from nodes.written import WrongLine, contents, note, written
from schemas.graph import Problem

T = TypeVar("T")


def shown(path: Path, root: Path) -> str:
    """Return a path as a person knows it: relative to the project folder if it is inside."""
    root = Path(os.path.abspath(root))  # noqa: PTH100
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


class Content(Generic[T]):
    """Implements the ``WatchedText`` of nodes.services: the last good content of a file."""

    def __init__(
        self, path: Path, parse: Callable[[str], T], tell: Callable[[Path, str], None], character: Callable[[], str]
    ) -> None:
        """
        Args:
            tell: called with the path and a note if the file is read although it is not UTF-8.
            character: gives the name that is put in the place of ``{character}``.
        """
        self.path = path
        self._parse = parse
        self._tell = tell
        self._character = character
        self._nameless = ""
        """The text as written, if it names the character."""
        self._raw = contents(path)
        """What ``value`` was read from."""
        self.value = self._read(self._raw)

    def take(self, raw: bytes) -> None:
        """Read the file's new content; the value stays what it is if the content cannot be used, or is the same."""
        if raw != self._raw:
            self.value = self._read(raw)
            self._raw = raw

    def _read(self, raw: bytes) -> T:
        found = written(raw)
        if said := note(found):
            self._tell(self.path, said)
        value = self._parse(named(found.text, self._character()))
        self._nameless = found.text if CHARACTER in found.text else ""
        return value

    def check(self, raw: bytes) -> None:
        """Raise what reading this content would raise; the value stays."""
        self._parse(named(written(raw).text, self._character()))

    def rename(self) -> None:
        """Take in that the character has another name."""
        if self._nameless:
            self.value = self._parse(named(self._nameless, self._character()))


class ProjectFiles:
    """Implements the ``Files`` service: paths are relative to the project folder."""

    def __init__(
        self, root: Path, tell: Callable[[str], None] = lambda _: None, character: Callable[[], str] = lambda: CHARACTER
    ) -> None:
        """
        Args:
            tell: called with what a person should know about a file that is read nevertheless.
            character: gives the name of the character, which files write as ``{character}``.
        """
        self._root = root
        self._tell = tell
        self._character = character
        self._session: Path | None = None
        self._contents: dict[Path, WeakSet[Content[Any]]] = {}

    @property
    def watched(self) -> set[Path]:
        """The absolute paths of the files that running nodes read."""
        return {path for path, contents in self._contents.items() if contents}

    def watch(self, path: Path, parse: Callable[[str], T]) -> Content[T]:
        # This first read is on the loop: building a node is one plain call, which raises what is wrong with the file,
        # and nobody knows before it which files the node watches. It is bounded and passes pipes over (``contents``);
        # only a drive that hangs while a node is started holds the show up. Every later read is in a thread.
        self._contents = {path: contents for path, contents in self._contents.items() if contents}
        # absolute but not resolved, so that a link redirected to another file is noticed
        where = Path(os.path.abspath(self._root / path))  # noqa: PTH100
        try:
            content = Content(where, parse, self._note, self._character)
        except OSError:  # it names the file
            raise
        except Exception as error:
            raise ValueError(phrase("{file}: {why}", file=self.shown(where), why=_why(error))) from error
        self._contents.setdefault(content.path, WeakSet()).add(content)
        return content

    def refresh(self, path: Path, raw: bytes) -> list[Problem]:
        """Take the new content of a file for every node that watches it; one that cannot use it keeps the last good
        value.

        Returns:
            What is wrong with the file; empty if every node can use it.
        """
        problems: list[Problem] = []
        for content in list(self._contents.get(path, ())):
            try:
                content.take(raw)
            except Exception as error:  # whatever a parser raises, the show goes on with the last good content
                problem = self._problem(path, error)
                if problem not in problems:
                    problems.append(problem)
        return problems

    def tried(self, path: Path, raw: bytes) -> list[Problem]:
        """Return what would be wrong with a file if it held this; nodes keep what they have read."""
        problems: list[Problem] = []
        for content in list(self._contents.get(path, ())):
            try:
                content.check(raw)
            except Exception as error:
                problem = self._problem(path, error)
                if problem not in problems:
                    problems.append(problem)
        return problems

    def rename(self) -> None:
        """Take in that the character of the graph on air has another name."""
        for known in self._contents.values():
            for content in list(known):
                content.rename()

    def shown(self, path: Path) -> str:
        """See ``shown``."""
        return shown(path, self._root)

    def session(self) -> Path:
        if self._session is None:
            started = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
            self._session = _own_folder(self._root / "history" / "sessions" / started)
        return self._session

    @property
    def recorded(self) -> Path | None:
        """The folder of the run if a node asked for one and wrote into it, relative to the project folder if inside."""
        if self._session is None or not any(self._session.iterdir()):
            return None
        return Path(self.shown(Path(os.path.abspath(self._session))))  # noqa: PTH100

    def _note(self, path: Path, said: str) -> None:
        self._tell(f"{self.shown(path)}: {said}")

    def unreadable(self, path: Path, error: OSError) -> Problem:
        """Return what is wrong with a file that cannot be read."""
        return Problem(self.shown(path), 1, 1, phrase("cannot be read: {why}", why=reason_of(error)))

    def _problem(self, path: Path, error: Exception) -> Problem:
        if isinstance(error, WrongLine):
            return Problem(self.shown(path), error.line, 1, error.what, error.remedy)
        return Problem(self.shown(path), 1, 1, _why(error))


def _why(error: Exception) -> str:
    return said_by(error) if isinstance(error, ValueError) else failure_of(error)


def _own_folder(wanted: Path) -> Path:
    """Make a folder of this name, or of this name and a number: other processes may create one at the same time."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    folder, number = wanted, 1
    while True:
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            folder = wanted.with_name(f"{wanted.name}_{number}")
        else:
            return folder
