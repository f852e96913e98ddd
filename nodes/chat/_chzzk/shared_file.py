"""A file that several programs of one user have: one at a time, and in spite of a scanner."""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from typing import IO, TypeVar

BUSY_TRIES, BUSY_PAUSE_S = 1 if os.name == "posix" else 20, 0.05
"""On Windows a file is refused for a moment while a virus scanner or another run of this program has it."""

T = TypeVar("T")


def patiently(call: Callable[[], T]) -> T:
    """Blocking: what it gives; PermissionError only where that lasts."""
    for _ in range(BUSY_TRIES - 1):
        with contextlib.suppress(PermissionError):
            return call()
        time.sleep(BUSY_PAUSE_S)  # noqa: TID251 - its callers are in threads of their own
    return call()


if sys.platform == "win32":
    import msvcrt

    def locked(handle: IO[bytes]) -> bool:
        """Whether this program has the file (open for writing) to itself now, until it closes it or ends."""
        try:
            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # closing the file frees it
        except OSError:
            return False
        return True
else:
    import fcntl

    def locked(handle: IO[bytes]) -> bool:
        """Whether this program has the file (open for writing) to itself now, until it closes it or ends."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
