"""Keeps ``history/`` private: it holds chat and nicknames, so only this user of the machine may read it."""

import contextlib
import os
import stat
from collections.abc import Generator
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


_given = os.umask(_OTHERS)
"""The umask that the user gave this process."""
os.umask(_given)


@contextlib.contextmanager
def as_the_user_wants() -> Generator[None]:
    """Within the block, files are made with the user's own umask: those that the user named, outside of history/."""
    before = os.umask(_given)
    try:
        yield
    finally:
        os.umask(before)


def keep_private(folder: Path) -> None:
    """Deny other users access to ``folder`` and its contents, and make every later file of this process private.

    Files that belong to another user stay as they are. Windows already keeps a user's folders private.
    """
    os.umask(os.umask(_OTHERS) | _OTHERS)
    for path in (folder, *folder.rglob("*")):
        with contextlib.suppress(OSError):
            mode = path.lstat().st_mode
            if mode & _OTHERS and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
