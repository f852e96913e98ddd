"""Turns an event into a line of a recording: whole and JSON-ready. ``nodes.recording`` reads those of a chat."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, cast

from graphs.engine.log.people import with_masked_names
from schemas.chat import RawPayload
from schemas.event import Event


def line(event: Event, *, mask: bool = False) -> dict[str, Any]:
    """Return ``{"event": "CHAT", "payload": ...}`` for a payload as on the wire, else ``{"type": ..., "data": {...}}``.

    Of sound, only shape and type are included. With ``mask``, nicknames are masked.
    """
    if isinstance(event, RawPayload):
        found = {"event": event.event, "payload": _plain(event.payload)}
    else:
        found = {"type": type(event).__name__, "data": _fields(event)}
    return with_masked_names(found, event) if mask else found


def _fields(event: Event) -> dict[str, Any]:
    if not dataclasses.is_dataclass(event):
        return {}
    return {field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event)}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Event):
        return {"type": type(value).__name__, **_fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in cast(Mapping[Any, Any], value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in cast(Iterable[Any], value)]
    if hasattr(value, "shape"):
        return {"shape": list(value.shape), "dtype": str(value.dtype)}
    return str(value)
