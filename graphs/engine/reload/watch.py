"""Notices that files changed, however an editor saves them.

Folders are watched, not files: when an editor writes a new file and renames it over the old one, a watch on the file
stays with the old one (it saw 1 of 3 such saves; a watch on the folder saw all 3). A notice only means "look": what
counts is the content, so a touch changes nothing, and a system that repeats or merges notices does no harm.
"""

import asyncio
import contextlib
import hashlib
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from graphs.engine.reload.looks import Looks
from nodes.phrases import phrase, reason_of
from nodes.services import Log
from nodes.written import contents
from schemas.graph import Problem

STEP_S = 0.05
"""A notice is sent when a folder has been quiet for this many seconds."""
QUIET_S = 0.1
"""A file is read when it has been quiet for this many seconds; when a notice comes, ``STEP_S`` of them have passed."""
AGAIN_S = 0.15
"""Seconds until a file is read once more if it was missing, or was wrong while it was young."""
YOUNG_S = 0.3
"""A file modified less than this many seconds ago may be half written."""
POLL_S = 0.3
"""All files are looked at every this many seconds even without a notice: network drives and replaced folders send none,
and some systems cannot watch folders at all."""


class Notices(Protocol):
    """A running watch of folders."""

    async def close(self) -> None: ...


class Watcher:
    """Reports which of a set of files changed in content, one file at a time."""

    def __init__(
        self,
        paths: Callable[[], set[Path]],
        changed: Callable[[Path], Awaitable[None]],
        log: Log,
        *,
        notices: "Callable[[frozenset[Path], Callable[[bool], None], Log], Notices] | None" = None,
        looks: Looks | None = None,
    ) -> None:
        """
        Args:
            paths: returns the files, absolute; called again on every look. The files need not exist.
            changed: called for a file whose content has changed, and once for each file that is new among ``paths``: it
                may have changed since its owner read it.
            notices: starts to watch folders; calls back with True after a change in them, with False now and then.
            looks: what files are read with; its own by default.
        """
        self._paths = paths
        self._changed = changed
        self._log = log
        self._open = notices or FolderNotices
        self.looks = looks or Looks()
        self._files: dict[Path, _File] = {}
        self._folders: frozenset[Path] = frozenset()
        self._notices: Notices | None = None
        self._wake = asyncio.Event()
        self._rest_s = QUIET_S
        """Seconds that a file has to stay quiet after it was looked at."""

    async def run(self) -> None:
        """Watch until cancelled; leaves no thread behind."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._wake.clear()
                await self._follow()
                for path in list(self._files):
                    if await self._different(path, loop.time()):
                        await self._tell(path)
                dues = [file.due for file in self._files.values() if file.due is not None]
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(min(dues, default=None)):
                        await self._wake.wait()
        finally:
            if self._notices is not None:
                await self._notices.close()
                self._notices = None
            self.looks.close()

    def look(self) -> None:
        """Look at ``paths`` now: they may have changed."""
        self._wake.set()

    def _noticed(self, moved: bool) -> None:
        self._rest_s = QUIET_S - STEP_S if moved else QUIET_S
        if moved:  # on a drive that counts in seconds, two writes can have the same time: read all
            due = asyncio.get_running_loop().time() + self._rest_s
            for file in self._files.values():
                file.due = due if file.due is None else file.due
        self._wake.set()

    async def _follow(self) -> None:
        """Watch the folders that the present paths require."""
        self._files = {path: self._files.get(path) or _File() for path in self._paths()}
        for path, (stamp, folders) in (await self._looked()).items():
            self._files[path].seen, self._files[path].folders = stamp, folders
        folders = frozenset(folder for file in self._files.values() for folder in file.folders)
        if folders != self._folders or self._notices is None:
            before, self._notices = self._notices, self._open(folders, self._noticed, self._log)
            self._folders = folders
            if before is not None:
                await before.close()

    async def _looked(self) -> "dict[Path, _Seen]":
        """Look at all files, in one thread as long as every drive answers."""
        paths = list(self._files)
        with contextlib.suppress(TimeoutError):
            return await self.looks(lambda _: {path: _look(path) for path in paths}, _ALL)
        found = await asyncio.gather(*(self.looks(_look, path) for path in paths), return_exceptions=True)
        for path, each in zip(paths, found, strict=True):
            if isinstance(each, OSError):
                text = phrase("{file}: {what}; its last good content stays", file=path, what=reason_of(each))
                self._log.trouble("drive", text)
        return {path: each for path, each in zip(paths, found, strict=True) if not isinstance(each, BaseException)}

    async def _different(self, path: Path, now: float) -> bool:
        """Whether a file is quiet again and its content differs from before."""
        file = self._files[path]
        if file.seen != file.stamp:
            file.stamp, file.due, file.again = file.seen, now + self._rest_s, False
        if file.due is None or now < file.due - 0.001:  # a loop's timer may fire slightly early
            return False
        try:
            content = await self.looks(_digest, path)
        except TimeoutError:  # the next look at it tells
            return False
        if content is None and not file.again:
            file.due, file.again = now + AGAIN_S, True
            return False
        file.due, file.again = None, False
        before, file.content = file.content, content
        return before != content

    async def _tell(self, path: Path) -> None:
        try:
            await self._changed(path)
        except Exception as error:
            self._log.warning(phrase("{file}: the change failed: {why}", file=path, why=repr(error)))


async def read_twice(
    path: Path, read: Callable[[], Awaitable[Sequence[Problem]]], looks: Looks | None = None
) -> Sequence[Problem]:
    """Return the problems that ``read`` finds; if it finds some in a file that may be half written, read once more."""
    problems = await read()
    young = False
    if problems:
        with contextlib.suppress(TimeoutError):
            young = _young(path) if looks is None else await looks(_young, path)
    if young:
        await asyncio.sleep(AGAIN_S)
        problems = await read()
    return problems


class FolderNotices:
    """Watches folders, without their subfolders, in a thread of its own."""

    def __init__(self, folders: frozenset[Path], notice: Callable[[bool], None], log: Log) -> None:
        self._folders = folders
        self._notice = notice
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="aischoco-watch", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        self._stop.set()
        await self._over.wait()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._watch()
        except Exception as error:  # the system has no watches left, or does not support them
            text = phrase(
                "files are looked at every {seconds} s, as folders cannot be watched: {why}",
                seconds=f"{POLL_S:g}",
                why=error,
            )
            self._call(self._log.warning, text)
        while not self._stop.wait(POLL_S):
            self._call(self._notice, False)
        self._call(self._over.set)

    def _watch(self) -> None:
        from watchfiles import watch

        notices = watch(
            *self._folders,
            watch_filter=None,
            debounce=int(2 * STEP_S * 1000),
            step=int(STEP_S * 1000),
            stop_event=self._stop,
            rust_timeout=int(POLL_S * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=False,
            ignore_permission_denied=True,
        )
        for changes in notices:
            self._call(self._notice, bool(changes))

    def _call(self, call: Callable[..., object], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(call, *args)


@dataclass(slots=True)
class _File:
    seen: "_Stamp | str" = "not looked at"
    """How it was when it was last looked at."""
    folders: tuple[Path, ...] = ()
    stamp: "_Stamp | str" = "not looked at"
    content: bytes | str | None = "not read"
    """SHA-256; None for a file that cannot be read."""
    due: float | None = None
    """When to read it, in the loop's time."""
    again: bool = False
    """It could not be read and is about to be tried a second time."""


_Stamp = tuple[int, int, int] | None
_Seen = tuple[_Stamp, tuple[Path, ...]]
_ALL = Path()
"""Stands for all files at once."""


def _look(path: Path) -> _Seen:
    return _stamp(path), tuple(_folders(path))


def _folders(path: Path) -> Iterator[Path]:
    """Yield the folders to watch for a file: its own and that of its link target, if on a drive that is present."""
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: a loop of links, before Python 3.13
        yield from (folder for folder in (path.parent, path.resolve().parent) if folder.is_dir())


def _stamp(path: Path) -> _Stamp:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _digest(path: Path) -> bytes | None:
    try:
        return hashlib.sha256(contents(path)).digest()
    except OSError:
        return None


def _young(path: Path) -> bool:
    """Whether a file was written a moment ago or is missing."""
    try:
        return time.time() - path.stat().st_mtime < YOUNG_S
    except OSError:
        return True
