"""Moves in a folder of the original AIsChoco: copies what this program reads, and names everything else.

Nothing of that folder is changed. A file that was here before is kept beside the new one as ``NAME.before``.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from graphs.engine.books.journal_folder import take
from graphs.engine.commands._moving.files import put
from graphs.engine.commands._moving.variables import merged, names_read
from graphs.engine.language.env import env_of
from nodes import load_all
from nodes.moving import takers
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
    """The folder cannot be moved in at all; the text says why, in Korean."""


def move_in(source: Path, root: Path) -> Iterator[tuple[bool, str]]:
    """Copy the folder's files to their places, yielding (whether it is well, a line that says what became of it).

    Args:
        source: the other folder.
        root: the project folder.

    Raises:
        Refused: there is nothing to move in, or a show is running here.
    """
    if not source.is_dir():
        raise Refused(f"{source}: 그런 폴더가 없습니다")
    if source.resolve() == root.resolve():
        raise Refused(f"{source}: 이 프로그램의 폴더입니다. 옮겨 올 AIsChoco의 폴더를 적어 주세요")
    try:
        lock = take(root / "history" / "run")
    except BlockingIOError:
        raise Refused("이 폴더에서 방송이 켜져 있습니다. 끄고 다시 해 주세요") from None
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
            raise Refused(f"{self._source}: AIsChoco의 파일이 없습니다({', '.join(name for name in FILES)})")
        left = sorted(self._left())
        if left:
            rest = f" 외 {len(left) - NAMED}개" if len(left) > NAMED else ""
            yield True, f"옮기지 않은 것: {', '.join(left[:NAMED])}{rest}"

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
            return False, f"{where}: 옮기지 못했습니다: {error.strerror or error}"
        except RecursionError:
            return False, f"{where}: 옮기지 못했습니다: 너무 깊이 겹쳐 있습니다"
        except ValueError as error:
            return False, f"{where}: 옮기지 못했습니다: {error}"

    def _file(self, place: str, target: str) -> str:
        theirs = written((self._source / place).read_bytes())
        lines = [f"{theirs.encoding.upper()}에서 UTF-8로 바꾸었습니다."] if theirs.encoding != "utf-8" else []
        if target == ".env":
            return _ONE_EACH.join([*self._env(theirs.text), *lines])
        text = theirs.text
        if target in takers:
            made = takers[target](text, self._here(target))
            text, lines = made.text, [*lines, *made.lines]
        if target == SUMMARY and self._was_here(target, text.encode()):
            return "전에 옮긴 요약이고, 그 뒤의 기억이 있어 그대로 두었습니다."
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
