"""Says in a few lines what a show was, when it is over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodes.phrases import phrase


def closing(report: Mapping[str, Any], files: Path | None, over: str = "") -> str:
    """Return one line: how long it was, how many were answered and thanked, and where its recording is.

    Args:
        report: see ``graphs.engine.observe.report``.
        files: the folder with the recording and the subtitles; None if nothing was recorded.
        over: what is over.
    """
    counts = report["viewer_events"]
    parts = [
        f"{over or phrase('The show is over.')} {length(report['seconds'])}",
        phrase("messages answered: {count}", count=counts["answered"]),
    ]
    if counts["thanked"]:
        parts.append(phrase("thanks for donations and subscriptions: {count}", count=counts["thanked"]))
    if files:
        parts.append(phrase("recording and subtitles: {folder}", folder=files.as_posix()))
    return " · ".join(parts)


def length(seconds: float) -> str:
    """Say a length in hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    units = [
        *([phrase("{hours} h", hours=hours)] if hours else []),
        *([phrase("{minutes} min", minutes=minutes)] if minutes else []),
        *([phrase("{seconds} s", seconds=rest)] if rest or not (hours or minutes) else []),
    ]
    return " ".join(units)
