"""The overlay on disk, so that a program that was killed comes back with the same lines.

One JSON object; times in it are as in the snapshot, ``now`` and ``at`` say when it was saved, by the run's clock and by
the time of day.
"""

import json
import math
from pathlib import Path
from typing import Any, cast

from nodes.overlay import _state as state

VERSION = 1
_LINE = {"id": str, "kind": str, "user": str, "role": str, "message": str, "processed": bool}
_ANSWER = {"id": str, "emotion": str, "to": list, "sentences": list}


def dump(shown: state.Snapshot, *, now: float, at: float, authors: dict[str, Any], images: dict[str, str]) -> str:
    """The file's text; ``authors`` is line id -> [author id, sent at], ``images`` is key -> URL."""
    content = {**shown, "caption": None, "version": VERSION, "now": now, "at": at, "authors": authors, "images": images}
    return json.dumps(content, ensure_ascii=False)


def load(text: str, *, now: float, at: float, keep_s: float) -> dict[str, Any]:
    """What was saved, with times of this run's clock and without what is older than ``keep_s``.

    Raises:
        ValueError: this is not such a file.
    """
    content: Any = json.loads(text)
    try:
        if content["version"] != VERSION:
            raise ValueError("it was written by another version")
        ahead = float(content["at"]) - float(content["now"]) - (at - now)
        lines = [_moved(line, ahead, _LINE) for line in content["lines"]]
        answers = [_moved(answer, ahead, _ANSWER) for answer in content["answers"]]
        found: dict[str, Any] = {
            **state.empty(),
            "lines": [line for line in lines if now - line["ts"] < keep_s],
            "answers": [answer for answer in answers if now - answer["ts"] < keep_s],
            "streamer_hidden": content["streamer_hidden"] is True,
        }
        return {"shown": found, "authors": dict(content["authors"]), "images": dict(content["images"])}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a part is missing: {error!r}") from None


def write(path: Path, text: str) -> None:
    """Replace the file whole: who reads it finds all of the old or all of the new.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_text(text, encoding="utf-8", errors="replace")
    beside.replace(path)


def _moved(item: Any, ahead: float, parts: dict[str, type]) -> dict[str, Any]:
    ts = float(item["ts"]) + ahead
    if not math.isfinite(ts) or not all(isinstance(item[part], type_) for part, type_ in parts.items()):
        raise ValueError("a line is not as it was written")
    return {**cast(dict[str, Any], item), "ts": round(ts, 3)}
