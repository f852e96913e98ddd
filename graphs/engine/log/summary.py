"""Summarizes an event for a person: JSON-ready, bounded, with sound shown as its length."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, cast

from schemas.event import Event

LONGEST = 200
"""At most this many characters of a text are shown."""
MOST = 20
"""At most this many items of a list or mapping are shown."""


def summary(event: Event) -> dict[str, Any]:
    """Give ``{"type": "ChatMessage", "id": "...", ...}``; an array as its shape and dtype, plus the event's seconds."""
    shown: dict[str, Any] = {"type": type(event).__name__}
    if event.seconds:
        shown["seconds"] = round(event.seconds, 4)
    if dataclasses.is_dataclass(event):
        for field in dataclasses.fields(event):
            shown[field.name] = _shown(getattr(event, field.name))
    return shown


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else str(value)
    if isinstance(value, Event):
        return summary(value)
    if isinstance(value, bytes):
        return {"bytes": len(value)}
    if isinstance(value, Mapping):
        items = islice(cast(Mapping[Any, Any], value).items(), MOST)
        return {str(key): _shown(inner) for key, inner in items}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(inner) for inner in islice(cast(Iterable[Any], value), MOST)]
    if hasattr(value, "shape"):
        return {"shape": list(value.shape), "dtype": str(value.dtype)}
    return _shown(str(value))
