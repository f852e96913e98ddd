"""A file that other programs read, or the next run: replaced whole, one writer at a time, despite a virus scanner."""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

BUSY_TRIES, BUSY_PAUSE_S = 1 if os.name == "posix" else 20, 0.05
"""On Windows a file is briefly inaccessible while a virus scanner or another run of this program has it open."""
_SHOWN = 40
"""A file that is being written is named after this many characters of its name."""

T = TypeVar("T")


def patiently(call: Callable[[], T]) -> T:
    """Return the result of ``call``, blocking while it retries; PermissionError is raised only if it persists."""
    for _ in range(BUSY_TRIES - 1):
        with contextlib.suppress(PermissionError):
            return call()
        time.sleep(BUSY_PAUSE_S)  # noqa: TID251 - its callers are in threads of their own
    return call()


def replace(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Give a file this content: a reader finds all of the old or all of the new. Blocking.

    It is written beside its place, readable by its owner alone, and moved there.

    Args:
        durable: it is on the disk when this returns; else the machine may lose it if it stops soon after.

    Raises:
        OSError: it cannot be written, and is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # a name of any length has room for the ending
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:_SHOWN]}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        patiently(lambda: Path(name).replace(path))
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a rename in the folder to the disk; Windows has no such call."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def locked(handle: IO[bytes]) -> bool:
        """Try to lock the file (open for writing) until it is closed or the program ends; return whether it worked."""
        try:
            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # closing the file frees it
        except OSError:
            return False
        return True
else:
    import fcntl

    def locked(handle: IO[bytes]) -> bool:
        """Try to lock the file (open for writing) until it is closed or the program ends; return whether it worked."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
