"""Sound inside JSON: which field holds it, as base64 or as numbers, and what else the object says. Pure.

OpenAI: ``audio`` or ``delta`` of an event, ``choices[].message.audio.data``; Google: ``audioContent``; others:
``data``, ``chunk``, ``audio_base64``, or a data URL.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from nodes.phrases import phrase
from nodes.speech._http.declared import rate_in
from nodes.speech._http.numbers import sound_of_numbers
from nodes.speech._http.plausible import words
from nodes.speech._speaking.wav import RATES, WireError

_FIELDS = (
    "audio", "delta", "audiocontent", "audiobase64", "audiob64", "audiodata", "audiobytes", "b64json", "base64", "b64",
    "chunk", "chunks", "segments", "speech", "sound", "wav", "wavbase64", "pcm", "pcmbase64", "audios", "samples",
    "waveform", "array", "audioarray", "bytes", "buffer", "inlinedata", "data", "message", "result", "results",
    "output", "outputs", "predictions", "payload", "choices", "candidates", "content", "parts",
)  # fmt: skip
"""In lower case and without signs: ``audioContent``, ``audio_content``."""
_STATES = ("ok", "success", "queued", "pending", "started", "processing", "generating", "completed", "finished", "done")
"""What may stand in place of sound while there is none; all of them are base64 too."""
_RATES = ("samplerate", "samplingrate", "sampleratehertz", "rate", "sr")
_LONGEST_RATE = 6
_REMARKS = (
    "meta", "metadata", "info", "format", "audioformat", "outputformat", "audioconfig", "extrainfo", "mimetype",
)  # fmt: skip
_SIGNS = re.compile(r"[\W_]")
_FAILS = ("error", "errors", "detail")
_ENDINGS = ("type", "event", "status", "state")
_FAILED = re.compile(r"(?:error|failed|failure)$", re.IGNORECASE)
_WORDED = ("message", "content")
"""These hold words, or an object with the sound."""
_MOST_PARTS = 4096
_DEEP = 6
_URL = re.compile(r"data:[^,]{0,100};base64,")
_HEX = re.compile(r"[0-9a-f]{64,}")
"""MiniMax; base64 of this length has other letters too."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]*={0,2}\s*")
_APART = re.compile(r"[\s,]*")


def values(text: str) -> Iterator[Any]:
    """Yield the values of JSON that stand one behind the other, on lines or not.

    Raises:
        ValueError, RecursionError: it is not JSON.
    """
    read = json.JSONDecoder().raw_decode
    at = 0
    while (begin := _APART.match(text, at)) and begin.end() < len(text):
        value, at = read(text, begin.end())
        yield value


def sound_in(value: Any) -> tuple[bytes, int | None]:
    """Return (sound, its rate if that is stated) of an object; no sound for one that brings none. A list is one sound,
    piece by piece.

    Raises:
        WireError: it is an error, or what should be sound cannot be read.
    """
    if isinstance(value, str):
        return decoded(value), None
    found, rate = _search(value, 0)
    return b"".join(decoded(each) if isinstance(each, str) else each for each in found), rate


def decoded(text: str) -> bytes:
    """Return the bytes of base64 in any of its alphabets, with or without its end.

    Raises:
        WireError: it is something else.
    """
    text = _URL.sub("", text, count=1)
    if _HEX.fullmatch(text) and len(text) % 2 == 0:
        return bytes.fromhex(text)
    if not _BASE64.fullmatch(text):
        raise unreadable(text)
    text = re.sub(r"[\s=]", "", text).translate({ord("-"): "+", ord("_"): "/"})
    if len(text) % 4 == 1:
        raise unreadable(text)
    return base64.b64decode(text + "=" * (-len(text) % 4))


def unreadable(text: str) -> WireError:
    """Return the error for an event that nobody can read."""
    return WireError(phrase("it sent an event that cannot be read: {text}", text=repr(text[:80])))


def refused(text: str) -> WireError:
    """Return the error for what the server says of an error."""
    return WireError(phrase("the server sent an error: {text}", text=words(text.encode())))


def _search(value: Any, depth: int) -> tuple[Sequence[str | bytes], int | None]:
    """Return (base64 or bytes, piece by piece; their rate)."""
    if depth > _DEEP:
        return [], None
    if isinstance(value, list):
        parts = cast(list[Any], value)
        if numbers := sound_of_numbers(parts):
            return [numbers], None
        if texts := [part for part in parts if isinstance(part, str)]:
            return [*texts], None
        inside = [_search(part, depth + 1) for part in parts[:_MOST_PARTS]]
        return [each for found, _ in inside for each in found], next((rate for _, rate in inside if rate), None)
    if not isinstance(value, dict):
        if depth:
            return [], None
        raise unreadable(str(value))
    fields = cast(Mapping[str, Any], value)
    problem = next((fields[name] for name in _FAILS if fields.get(name)), None)
    if problem or any(_FAILED.search(str(fields.get(name, ""))) for name in _ENDINGS):
        raise refused(json.dumps(problem or value))
    if str(fields.get("type", "")).endswith("done"):
        return [], None
    called = {_SIGNS.sub("", name).lower(): inner for name, inner in fields.items()}
    stated = next(filter(None, (_rate(called[name]) for name in _RATES if name in called)), None)
    for name in _FIELDS:
        inner = called.get(name)
        found, rate = _search(inner, depth + 1)
        if isinstance(inner, str) and inner and inner.lower() not in _STATES and name not in _WORDED:
            found = [inner]
        if found:
            return found, rate or stated or _beside(called)
    if "0" in fields and (
        numbers := sound_of_numbers(list(fields.values()))
    ):  # how JavaScript writes an array of bytes
        return [numbers], stated
    return [], stated or _beside(called)


def _rate(value: Any) -> int | None:
    """Return a rate; what is no whole number would be looked for one by one in a range: 7 ms."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= _LONGEST_RATE:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and value in RATES else None


def _beside(called: Mapping[str, Any]) -> int | None:
    """Return the rate that remarks beside the sound state, in an object or in words."""
    for name in _REMARKS:
        inner = called.get(name)
        if isinstance(inner, str) and (rate := rate_in(inner.lower(), bare=True)):
            return rate
        if isinstance(inner, dict):
            fields = {_SIGNS.sub("", key).lower(): value for key, value in cast(dict[str, Any], inner).items()}
            if rate := next(filter(None, (_rate(fields[key]) for key in _RATES if key in fields)), None):
                return rate
    return None
