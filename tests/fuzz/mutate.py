"""Changes an input so that a reader of lines and JSON may stumble; random bytes alone seldom get past the parser."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 0.5, -0.0, 1e308, float("inf"), float("nan"), 10**15, 2**63, 10**400, -(10**400),
    "", " ", "0", "-1", "1,000", "1e999", "\u00b2", "\u0663", "9" * 5000, "\ud800", "\0", "\u202e\u200d\u3164",
    "\u1112\u1161\u11ab", "e\u0301\u0301\u0301\u0301", "{:a:}", "https://a/b", "2026-07-26T03:14:18.629000000",
    "a" * 3000, "\uac00" * 3000, "[", '{"a":1}', "error", "Infinity", [], [0], [None], [[]], {}, {"": {}}, {"a": None},
    {"message": "x", "code": "\u00b2"}, {"message": "(TPM): Limit " + "9" * 5000},
)  # fmt: skip
"""Values that are easily overlooked."""
_BYTES = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\r",
    b"\n",
    b"\r\n",
    b"data:",
    b"[" * 600,
    b'{"a":' * 600,
    b"RIFF",
    b"-",
    b"9",
)
_PIECE = 64
MOST_DEPTH = 400


def mutated(data: bytes, chance: Random, most: int) -> bytes:
    """Return the input, changed in one to four places, at most ``most`` bytes."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(_WAYS)(data, chance)
    return data[:most]


def _json(data: bytes, chance: Random) -> bytes:
    """Change something in the JSON of a line, wherever in the line the JSON begins."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    text = lines[at].decode("utf-8", "replace")
    begin = min((found for sign in "{[" if (found := text.find(sign)) >= 0), default=-1)
    if begin < 0:
        return _bytes(data, chance)
    try:
        value = json.loads(text[begin:])
    except (ValueError, RecursionError):
        return _bytes(data, chance)
    value = _changed(value, chance, 0)
    try:
        told = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    except (RecursionError, ValueError):
        return data
    lines[at] = (text[:begin] + told).encode("utf-8", "replace")
    return b"\n".join(lines)


def _changed(value: Any, chance: Random, depth: int) -> Any:
    """Return the value with one of the values inside it changed."""
    inner = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not inner or chance.random() < 0.1 or depth > MOST_DEPTH:
        return _other(value, chance)
    key = chance.choice(inner)
    copy = value.copy()
    way = chance.random()
    if way < 0.1:
        del copy[key]
    elif way < 0.2 and isinstance(copy, dict):
        copy[chance.choice(inner)] = copy[key]
    elif way < 0.3 and isinstance(copy, list):
        copy += [copy[key]] * chance.choice((1, 30))
    else:
        copy[key] = _changed(copy[key], chance, depth + 1)
    return copy


def _other(value: Any, chance: Random) -> Any:
    way = chance.random()
    if way < 0.1:
        return [value]
    if way < 0.2:
        return json.dumps(value) if not isinstance(value, str) else value + value
    if way < 0.3 and isinstance(value, str) and value:
        at = chance.randrange(len(value))
        odd = chance.choice([each for each in ODD if isinstance(each, str)])
        return value[:at] + odd + value[at:]
    return chance.choice(ODD)


def _line(data: bytes, chance: Random) -> bytes:
    """Repeat a line, move it, or drop it."""
    lines = data.split(b"\n")
    line = lines.pop(chance.randrange(len(lines)))
    for _ in range(chance.choice((0, 1, 2, 8))):
        lines.insert(chance.randint(0, len(lines)), line)
    return b"\n".join(lines)


def _bytes(data: bytes, chance: Random) -> bytes:
    """Insert odd bytes, remove some, or change one."""
    at = chance.randint(0, len(data))
    way = chance.random()
    if way < 0.4:
        return data[:at] + chance.choice(_BYTES) + data[at:]
    if way < 0.6:
        return data[:at] + data[at + chance.randint(1, _PIECE) :]
    if way < 0.8:
        begin = chance.randint(0, len(data))
        return data[:at] + data[begin : begin + chance.randint(1, _PIECE)] + data[at:]
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


_WAYS: tuple[Callable[[bytes, Random], bytes], ...] = (_json, _json, _json, _line, _bytes)
