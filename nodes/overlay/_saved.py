"""Stores the overlay on disk, so that a program that was killed comes back with the same lines.

The file is one JSON object; its times are as in the snapshot, and ``now`` and ``at`` say when it was saved, on the
run's clock and in wall-clock time.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nodes.overlay import _state as state
from nodes.phrases import phrase
from nodes.shared_file import replace

VERSION = 1
_LONGEST = 300
"""The longest error, in characters."""
_Seconds = Annotated[float, Field(gt=-1e12, lt=1e12, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _Line(_Part):
    id: str
    kind: str
    user: str
    role: str
    message: str
    processed: bool
    ts: _Seconds
    emotes: dict[str, str] = {}
    badges: list[str] = []
    channel: str = ""
    amount: int = 0
    tier: str = ""
    months: int = 0


class _Name(_Part):
    id: str
    user: str


class _Sentence(_Part):
    id: int
    text: str


class _Answer(_Part):
    id: str
    emotion: str
    to: list[_Name]
    ts: _Seconds
    sentences: list[_Sentence]


class _File(_Part):
    version: Literal[1]
    now: _Seconds
    at: _Seconds
    lines: list[_Line]
    answers: list[_Answer]
    streamer_hidden: bool
    authors: dict[str, tuple[str, _Seconds | None]]
    images: dict[str, str]


def dump(shown: state.Snapshot, *, now: float, at: float, authors: dict[str, Any], images: dict[str, str]) -> str:
    """Return the file's text; ``authors`` is line id -> [author id, sent at], ``images`` is key -> URL."""
    spoken = {"caption": None, "host": None, "show": None}
    content = {**shown, **spoken, "version": VERSION, "now": now, "at": at, "authors": authors, "images": images}
    return json.dumps(content, ensure_ascii=False)


def load(text: str, *, now: float, at: float, keep_s: float) -> dict[str, Any]:
    """Return what was saved, with times on this run's clock and without anything older than ``keep_s``.

    Raises:
        ValueError: it is not such a file.
    """
    try:
        file = _File.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        text = phrase(
            "{place} is not as it was written: {why}", place=place or phrase("the file"), why=first["msg"][:_LONGEST]
        )
        raise ValueError(text) from None
    ahead = file.at - file.now - (max(at, file.at) - now)  # wall-clock time may have been set back: never in the future

    def shown(items: list[_Line] | list[_Answer]) -> list[dict[str, Any]]:
        moved = [{**item.model_dump(exclude_unset=True), "ts": round(item.ts + ahead, 3)} for item in items]
        return [item for item in moved if now - item["ts"] < keep_s]

    return {
        "shown": {
            **state.empty(),
            "lines": shown(file.lines),
            "answers": shown(file.answers),
            "streamer_hidden": file.streamer_hidden,
        },
        "authors": file.authors,
        "images": file.images,
    }


def write(path: Path, text: str) -> None:
    """Replace the file, for a reader at once.

    Raises:
        OSError: it cannot be written.
    """
    replace(path, text.encode("utf-8", "replace"), durable=False)
