"""Decides how long history/sessions/ keeps what a run recorded."""

import math
import re
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from nodes.phrases import phrase

KEEP_DAYS = 30.0
_RUN = re.compile(r"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)(?:_\d+)?")
"""The name of the folder of one run (``ProjectFiles.session``)."""


def keep_days(env: Mapping[str, str], say: Callable[[str], object]) -> float:
    """Read HISTORY_KEEP_DAYS; 0 keeps everything forever."""
    text = env.get("HISTORY_KEEP_DAYS", "").strip()
    try:
        days = float(text) if text else KEEP_DAYS
    except ValueError:
        days = math.nan
    if not 0 <= days < math.inf:
        say(phrase("HISTORY_KEEP_DAYS must be a number of days from 0; nothing is removed"))
        return 0.0
    return days


def tidy(sessions: Path, days: float, say: Callable[[str], object], now: datetime | None = None) -> int:
    """Remove the folders of runs that began, and were last written to, more than ``days`` ago; returns how many.

    Only folders that are named like a run are touched; a link does not count as a folder. Blocks, so call it in a
    worker thread.
    """
    if not days or not sessions.is_dir():
        return 0
    limit = (now or datetime.now()) - timedelta(days=min(days, 300_000))
    removed = 0
    for folder in sorted(sessions.iterdir()):
        try:
            if _last_used(folder) < limit:
                shutil.rmtree(folder)
                removed += 1
        except (OSError, OverflowError, ValueError) as error:  # the last two: a date outside the calendar
            say(phrase("{folder}: could not be removed: {why}", folder=folder.name, why=error))
    if removed:
        old = f"{days:g}"
        say(phrase("Removed {count} recordings older than {days} days (HISTORY_KEEP_DAYS).", count=removed, days=old))
    return removed


def _last_used(folder: Path) -> datetime:
    """Give the later of the run's beginning and its last write; ``datetime.max`` if it is not a run's folder."""
    name = _RUN.fullmatch(folder.name)
    if name is None or folder.is_symlink() or not folder.is_dir():
        return datetime.max
    try:
        began = datetime.strptime(name[1], "%Y-%m-%d_%H-%M-%S")
    except ValueError:
        return datetime.max
    return max([began, *(datetime.fromtimestamp(path.lstat().st_mtime) for path in folder.rglob("*"))])
