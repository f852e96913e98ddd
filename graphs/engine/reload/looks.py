"""Looks at files without the loop waiting for a drive."""

import asyncio
import errno
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from nodes.phrases import phrase

T = TypeVar("T")

WITHIN_S = 5.0
"""A file that is not read within this many seconds is on a drive that does not answer."""
_THREADS = 32
"""At most this many looks at a time; each one that does not return keeps a thread."""


class Looks:
    """Runs what blocks on a file in a thread. While a look at a file does not return, no other one begins."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="aischoco-files")
        self._waiting: dict[Path, asyncio.Future[Any]] = {}

    async def __call__(self, call: Callable[[Path], T], path: Path, within_s: float = WITHIN_S) -> T:
        """Return what ``call`` gives for the path.

        Raises:
            OSError: as ``call`` raises it, or there was no answer in time.
        """
        waiting = self._waiting.get(path)
        if waiting is None or waiting.done():
            future = asyncio.get_running_loop().run_in_executor(self._threads, call, path)
            future.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may ask any more
            done, _ = await asyncio.wait([future], timeout=within_s)
            if done:
                self._waiting.pop(path, None)
                return future.result()
            self._waiting[path] = future
        why = phrase("the drive does not answer (waited {seconds} s)", seconds=f"{within_s:g}")
        raise TimeoutError(errno.ETIMEDOUT, why, str(path))

    def close(self) -> None:
        """Begin no other look; those that do not return are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
