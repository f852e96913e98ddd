"""Fuzzes recordings of a chat: both readers read the same from a file, and a loop never gives the same event twice."""

import json
import math
import tempfile
from pathlib import Path
from typing import Any

from graphs.engine.offline.recording import Read
from nodes.chat import replay
from schemas.chat import RawPayload
from tests.fuzz.targets._laws import must
from tests.fuzz.targets._viewers import Viewers

_VIEWERS = Viewers()
_ROUND_S = 3600.5


def check(data: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="fuzz-recording-") as folder:
        file = Path(folder) / "chat.jsonl"
        file.write_bytes(data)
        read = Read(file)
        lines = list(read)
        ours, broken = _replayed(file, 0.0)
        later, _ = _replayed(file, _ROUND_S)
    must([event for _, event in lines] == [event for _, event in ours], "the readers do not agree")
    must(read.broken == broken, read.broken, "and", broken, "lines could not be read")
    last = 0.0
    for at, event in lines:
        must(math.isfinite(at) and at >= last, "back in time:", at)
        last = at
        if len(lines) < 20:
            _VIEWERS.take([event])
    must(len(later) == len(ours), "a second round has other events")
    for (_, first), (_, second) in zip(ours, later, strict=True):
        _same_but_later(first.payload, second.payload)


def _replayed(file: Path, shift: float) -> tuple[list[tuple[float, RawPayload]], int]:
    found: list[tuple[float, RawPayload]] = []
    broken = offset = 0
    while True:
        lines, offset = replay._block(file, offset)
        if not lines:
            return found, broken
        for line in lines:
            if not line.strip():
                continue
            try:
                found.append(replay._read(line, shift, "초코"))
            except (ValueError, RecursionError):
                broken += 1


def _same_but_later(first: Any, second: Any) -> None:
    before, after = _fields(first), _fields(second)
    if before is None or after is None:
        return
    must(before.keys() == after.keys(), "fields came or went:", before.keys() ^ after.keys())
    for name in before.keys() - {"messageTime", "eventSentAt"}:
        must(repr(before[name]) == repr(after[name]), name, "changed")


def _fields(payload: Any) -> dict[str, Any] | None:
    try:
        inside = json.loads(payload) if isinstance(payload, str) else payload
    except (ValueError, RecursionError):
        return None
    return inside if isinstance(inside, dict) else None
