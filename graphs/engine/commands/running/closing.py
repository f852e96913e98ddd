"""Says in a few lines what a show was, when it is over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def closing(report: Mapping[str, Any], files: Path | None, over: str = "방송을 마쳤어요.") -> str:
    """Return one line: how long it was, how many were answered and thanked, and where its recording is.

    Args:
        report: see ``graphs.engine.observe.report``.
        files: the folder with the recording and the subtitles; None if nothing was recorded.
        over: what is over.
    """
    counts = report["viewer_events"]
    parts = [
        f"{over} {length(report['seconds'])}",
        f"대답 {counts['answered']}번",
        *([f"후원과 구독 {counts['thanked']}번에 고마워했어요"] if counts["thanked"] else []),
        *([f"녹음과 자막: {files.as_posix()}"] if files else []),
    ]
    return " · ".join(parts)


def length(seconds: float) -> str:
    """Say a length in hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        " ".join(f"{value}{unit}" for value, unit in ((hours, "시간"), (minutes, "분"), (rest, "초")) if value) or "0초"
    )
