"""A file shared by several programs of one user: one at a time, and despite a virus scanner."""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from typing import IO, TypeVar

BUSY_TRIES, BUSY_PAUSE_S = 1 if os.name == "posix" else 20, 0.05
"""On Windows a file is briefly inaccessible while a virus scanner or another run of this program has it open."""

T = TypeVar("T")


def patiently(call: Callable[[], T]) -> T:
    """Return the result of ``call``, blocking while it retries; PermissionError is raised only if it persists."""
    for _ in range(BUSY_TRIES - 1):
        with contextlib.suppress(PermissionError):
            return call()
        time.sleep(BUSY_PAUSE_S)  # noqa: TID251 - its callers are in threads of their own
    return call()


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
