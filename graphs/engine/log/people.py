"""Keeps what viewers wrote out of logs, and their nicknames unless the operator wants them there."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from schemas.chat import ChatBatch, RawPayload, ViewerEvent
from schemas.event import Event

HIDDEN = "***"
_SHORTEST = 2
"""A text of one character reveals nothing and occurs everywhere."""


def masked(name: str) -> str:
    """Show the first character of a nickname and hide its length."""
    return f"{name[:1]}{HIDDEN}"


def texts(event: Event | None) -> set[str]:
    """Find what viewers wrote in an event."""
    if isinstance(event, RawPayload):
        return {text for _, text in _leaves(event.payload)}
    return {viewer.text for viewer in _viewers(event)}


def names(event: Event | None) -> set[str]:
    """Find the nicknames of the viewers in an event."""
    if isinstance(event, RawPayload):
        return {text for key, text in _leaves(event.payload) if key.lower().endswith("nickname")}
    return {viewer.author for viewer in _viewers(event)}


def without(text: str, hidden: Mapping[str, str]) -> str:
    """Replace each of ``hidden`` in the text by its substitute, also where it is quoted as in an error."""
    forms = {form: instead for word, instead in hidden.items() if len(word) >= _SHORTEST for form in _forms(word)}
    if not forms:
        return text
    longest_first = sorted(forms, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: forms[found[0]], text)


def hidden_words(event: Event | None, *, mask: bool) -> dict[str, str]:
    """Map what must not appear in a log line about an event to what replaces it."""
    words = {name: masked(name) for name in names(event)} if mask else {}
    return words | dict.fromkeys(texts(event), HIDDEN)


def with_masked_names(value: Any, event: Event | None) -> Any:
    """Mask the nicknames in the JSON-ready data of an event."""
    words = {name: masked(name) for name in names(event)}

    def mask(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: mask(inner) for key, inner in cast(Mapping[str, Any], value).items()}
        if isinstance(value, list):
            return [mask(inner) for inner in cast(list[Any], value)]
        return without(value, words) if isinstance(value, str) else value

    return mask(value)


def _viewers(event: Event | None) -> tuple[ViewerEvent, ...]:
    if isinstance(event, ChatBatch):
        return event.events
    return (event,) if isinstance(event, ViewerEvent) else ()


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield (key, text) of every text in a payload; a text may itself be JSON."""
    if isinstance(value, str):
        yield key, value
        if value.lstrip()[:1] in ("{", "["):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return
    if isinstance(value, Mapping):
        for name, inner in cast(Mapping[str, Any], value).items():
            yield from _leaves(inner, name)
    elif isinstance(value, list):
        for inner in cast(list[Any], value):
            yield from _leaves(inner, key)


def _forms(word: str) -> tuple[str, ...]:
    return word, repr(word)[1:-1], json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1]
