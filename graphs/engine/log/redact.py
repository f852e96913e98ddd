"""Removes secrets from what is written: known values, and anything that looks like a credential."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

from pydantic import BaseModel, SecretStr

HIDDEN = "***"

_SHORTEST = 6
"""A known value shorter than this also occurs by chance and is not searched for."""
_RUN = 12
"""A text shares this many consecutive letters with a value only if one was copied from the other."""
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$", re.IGNORECASE)
_WORDS = (
    r"access_?token|refresh_?token|id_?token|auth_?token|authentication_?token|client_?secret|api_?key|session_?key"
    r"|password"
)
_PATTERNS = (
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(rf"\b((?:{_WORDS})[\\\"']*\s*[=:]\s*[\\\"']*)[^\s\\\"'&,;)}}\]]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"([?&](?:auth|code|token|key)=)[^\s\"'&#]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"\b(gsk_|sk-)[\w-]{10,}"), rf"\1{HIDDEN}"),
)


class Redactor:
    """Knows the secrets of this run."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._runs: dict[int, set[str]] = {}
        """Length -> consecutive letters of the values: what remains of one that is spelled out or broken into lines."""
        self._known: re.Pattern[str] | None = None

    def hide(self, values: Iterable[str]) -> None:
        """Never write these values, not even as they appear in a URL, in JSON or in a ``repr``, nested or not."""
        long = {value for value in values if len(value) >= _SHORTEST}
        for run in (run for value in long for run in _letters_in_a_row(value)):
            self._runs.setdefault(len(run), set()).add(run)
        fresh = (long | {quote(value, safe="", errors="replace") for value in long}) - self._values
        if fresh:
            self._values |= fresh
            longest_first = sorted(self._values, key=len, reverse=True)
            self._known = re.compile("|".join("".join(map(_sign, value)) for value in longest_first))

    def known(self, text: str) -> str:
        """Remove the known values from a text."""
        return text if self._known is None else self._known.sub(HIDDEN, text)

    def told_by(self, text: str) -> bool:
        """Whether a text contains a known value or most of it, even with other characters or blanks in between."""
        said = _letters(text)
        return any(
            said[at : at + size] in runs for size, runs in self._runs.items() for at in range(len(said) - size + 1)
        )

    def text(self, text: str) -> str:
        """Remove the known values, and what looks like a credential, from a text."""
        text = self.known(text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def data(self, value: Any, name: str = "") -> Any:
        """Remove the secrets from JSON-ready data; ``name`` is its key."""
        if isinstance(value, Mapping):
            items = cast(Mapping[str, Any], value).items()
            return {key: self.data(inner, key) for key, inner in items}
        if isinstance(value, list | tuple):
            return [self.data(inner, name) for inner in cast(Iterable[Any], value)]
        if isinstance(value, str):
            return HIDDEN if value and re.fullmatch(_WORDS, name, re.IGNORECASE) else self.text(value)
        return value


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _letters_in_a_row(value: str) -> list[str]:
    letters = _letters(value)
    size = min(len(letters), _RUN)
    return [letters[at : at + size] for at in range(len(letters) - size + 1)] if size >= _SHORTEST else []


def _sign(sign: str) -> str:
    """Make the pattern for one character of a secret; each level of JSON or ``repr`` adds backslashes before it."""
    if sign == "\\":
        return r"\\+"
    if sign in "\"'":
        return rf"\\*{sign}"
    plain, escaped = re.escape(sign), json.dumps(sign)[1:-1]
    if escaped == sign:
        return plain
    nested = escaped.replace("\\", r"\\+")
    return f"(?:{plain}|{nested})"


def secrets_in_environment(env: Mapping[str, str]) -> Iterator[str]:
    """Yield the values of variables whose name ends in KEY, TOKEN, SECRET or PASSWORD."""
    return (value for name, value in env.items() if _SECRET_NAME.search(name))


def secrets_in_settings(settings: BaseModel) -> Iterator[str]:
    """Yield every ``SecretStr`` in a node's settings, at any depth."""
    for _, value in settings:
        yield from _secrets(value)


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        yield from secrets_in_settings(value)
    elif isinstance(value, Mapping):
        for inner in cast(Mapping[Any, Any], value).values():
            yield from _secrets(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in cast(Iterable[Any], value):
            yield from _secrets(inner)
