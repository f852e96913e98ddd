"""What a show leaves in ``history/`` holds chat and nicknames: it is for this user of the machine alone."""

import contextlib
import os
import stat
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private(folder: Path) -> None:
    """Take ``folder`` and what is in it away from other users, and make every file of this process private from now on.

    Files that belong to somebody else stay as they are. Windows keeps a user's folders private by itself.
    """
    os.umask(os.umask(_OTHERS) | _OTHERS)
    for path in (folder, *folder.rglob("*")):
        with contextlib.suppress(OSError):
            mode = path.lstat().st_mode
            if mode & _OTHERS and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
