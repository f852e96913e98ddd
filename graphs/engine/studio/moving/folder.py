"""Moves in a folder of the original AIsChoco: copies what this program reads, and names everything else.

Nothing of that folder is changed. A file that was here before is kept beside the new one as ``NAME.before``.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from graphs.engine.books.journal_folder import take
from graphs.engine.language.env import env_of
from graphs.engine.studio.moving.files import put
from graphs.engine.studio.moving.variables import merged, names_read
from nodes import load_all
from nodes.moving import takers
from nodes.phrases import phrase, reason_of, said_by
from nodes.written import written

SUMMARY = "history/summary.json"
FILES: Mapping[str, tuple[str, ...]] = {
    SUMMARY: ("history/summary.json", "summary.json"),
    "config/character.txt": ("config/character.txt", "character.txt"),
    "config/pose_mapping.json": ("config/pose_mapping.json", "pose_mapping.json"),
    "config/vts_token.txt": ("config/vts_token.txt", "vts_token.txt"),
    ".env": (".env",),
}
"""Path here -> where it may lie in the other folder; the first that is there is taken."""
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "history/summaries": ("history/summaries", "summaries"),
    "history/backups": ("history/backups", "backups"),
    "assets/voice_samples": ("assets/voice_samples",),
}
"""The same for folders, whose files are copied byte for byte."""
KNOWN_FOLDERS = ("config", "history", "assets")
"""Folders of which the parts are looked at one by one."""
NAMED = 40
"""Name at most this many of the things that stay behind."""
_ONE_EACH = "\n    "
PRIVATE = (".env", "config/vts_token.txt")


class Refused(Exception):
    """The folder cannot be moved in at all; the text says why."""


def move_in(source: Path, root: Path, *, on_air: bool = False) -> Iterator[tuple[bool, str]]:
    """Copy the folder's files to their places, yielding (whether it is well, a line that says what became of it).

    Args:
        source: the other folder.
        root: the project folder.
        on_air: a show that writes none of these files runs here.

    Raises:
        Refused: there is nothing to move in, or a show is running here.
    """
    if not source.is_dir():
        raise Refused(phrase("{folder}: there is no such folder", folder=source))
    if source.resolve() == root.resolve():
        text = phrase(
            "{folder}: this is the folder of this program. Name that of the AIsChoco to move in", folder=source
        )
        raise Refused(text)
    try:
        lock = None if on_air else take(root / "history" / "run")
    except BlockingIOError:
        raise Refused(phrase("a show runs in this folder. End it and try again")) from None
    except OSError:
        lock = None
    try:
        yield from _Move(source, root).run()
    finally:
        if lock is not None:
            os.close(lock)


class _Move:
    def __init__(self, source: Path, root: Path) -> None:
        self._source = source
        self._root = root
        self._seen: set[Path] = set()
        load_all()

    def run(self) -> Iterator[tuple[bool, str]]:
        found = False
        for target, places in FILES.items():
            for place in self._there(places, Path.is_file):
                found = True
                yield self._told(place, target, lambda place=place, target=target: self._file(place, target))
        for target, places in FOLDERS.items():
            for folder in self._there(places, Path.is_dir):
                for path in sorted((self._source / folder).rglob("*")):
                    if path.is_file() and path.name != "README.md":
                        found = True
                        place = path.relative_to(self._source).as_posix()
                        to = f"{target}/{path.relative_to(self._source / folder).as_posix()}"
                        yield self._told(place, to, lambda path=path, to=to: self._put(to, path.read_bytes()))
        if not found:
            text = phrase(
                "{folder}: there is no file of AIsChoco ({names})", folder=self._source, names=", ".join(FILES)
            )
            raise Refused(text)
        left = sorted(self._left())
        if left:
            names, more = ", ".join(left[:NAMED]), len(left) - NAMED
            if more > 0:
                yield True, phrase("Not moved: {names} and {count} more", names=names, count=more)
            else:
                yield True, phrase("Not moved: {names}", names=names)

    def _there(self, places: tuple[str, ...], exists: Callable[[Path], bool]) -> Iterator[str]:
        """Yield the first place that is there."""
        for place in places:
            if exists(self._source / place):
                self._seen.add(self._source / place)
                yield place
                return

    def _told(self, place: str, target: str, work: Callable[[], str]) -> tuple[bool, str]:
        where = place if place == target else f"{place} → {target}"
        try:
            return True, f"{where}: {work()}"
        except OSError as error:
            return False, phrase("{file}: could not be moved: {why}", file=where, why=reason_of(error))
        except RecursionError:
            return False, phrase("{file}: could not be moved: {why}", file=where, why=phrase("nested too deep"))
        except ValueError as error:
            return False, phrase("{file}: could not be moved: {why}", file=where, why=said_by(error))

    def _file(self, place: str, target: str) -> str:
        theirs = written((self._source / place).read_bytes())
        lines: list[str] = []
        if theirs.encoding != "utf-8":
            lines.append(phrase("It was {encoding} and is UTF-8 now.", encoding=theirs.encoding.upper()))
        if target == ".env":
            return _ONE_EACH.join([*self._env(theirs.text), *lines])
        text = theirs.text
        if target in takers:
            made = takers[target](text, self._here(target))
            text, lines = made.text, [*lines, *made.lines]
        if target == SUMMARY and self._was_here(target, text.encode()):
            return phrase("This summary was moved before, and there are later memories, so it is left as it is.")
        return _ONE_EACH.join([self._put(target, text.encode()), *lines])

    def _env(self, text: str) -> list[str]:
        example = self._root / ".env.example"
        known = names_read(example.read_text("utf-8") if example.is_file() else "")
        new, told = merged(self._here(".env"), env_of(text.encode()), known)
        return [self._put(".env", new.encode()), *told]

    def _here(self, target: str) -> str:
        path = self._root / target
        return written(path.read_bytes()).text if path.is_file() else ""

    def _was_here(self, target: str, data: bytes) -> bool:
        path = self._root / target
        with suppress(OSError):
            return any(each.read_bytes() == data for each in path.parent.glob(f"{path.name}.before*"))
        return False

    def _put(self, target: str, data: bytes) -> str:
        return put(self._root / target, data, private=target in PRIVATE)

    def _left(self) -> Iterator[str]:
        """Name what was not taken: whole folders where nothing of them was."""
        for path in self._source.iterdir():
            if path.name in KNOWN_FOLDERS and path.is_dir():
                for inner in path.iterdir():
                    if inner not in self._seen:
                        yield f"{path.name}/{inner.name}{'/' if inner.is_dir() else ''}"
            elif path not in self._seen:
                yield f"{path.name}{'/' if path.is_dir() else ''}"
