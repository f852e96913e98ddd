"""Sound inside JSON: which field holds it, as base64, and what else the object says. Pure.

OpenAI: ``audio`` or ``delta`` of an event, ``choices[].message.audio.data``; Google: ``audioContent``; others:
``data``, ``chunk``, ``audio_base64``, or a data URL.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, cast

from nodes.phrases import phrase
from nodes.speech._http.plausible import words
from nodes.speech._speaking.wav import RATES, WireError

_FIELDS = (
    "audio", "delta", "audiocontent", "audiobase64", "audiob64", "audiodata", "audiobytes", "b64json", "base64", "b64",
    "chunk", "chunks", "segments", "speech", "sound", "wav", "wavbase64", "pcm", "pcmbase64", "audios", "data",
    "message", "result", "results", "output", "outputs", "predictions", "payload", "choices",
)  # fmt: skip
"""In lower case and without signs: ``audioContent``, ``audio_content``."""
_STATES = ("ok", "success", "queued", "pending", "started", "processing", "generating", "completed", "finished", "done")
"""What may stand in place of sound while there is none; all of them are base64 too."""
_RATES = ("samplerate", "samplingrate", "sampleratehertz", "rate", "sr")
_LONGEST_RATE = 6
_REMARKS = ("meta", "metadata", "info", "format", "audioformat", "audioconfig", "extrainfo")
_SIGNS = re.compile(r"[\W_]")
_FAILS = ("error", "errors", "detail")
_DEEP = 6
_URL = re.compile(r"data:[^,]{0,100};base64,")
_HEX = re.compile(r"[0-9a-f]{64,}")
"""MiniMax; base64 of this length has other letters too."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]*={0,2}\s*")


def sound_in(value: Any) -> tuple[bytes, int | None]:
    """Return (sound, its rate if that is stated) of an object; no sound for one that brings none. A list of texts is
    one sound, piece by piece.

    Raises:
        WireError: it is an error, or what should be sound cannot be read.
    """
    if isinstance(value, str):
        return decoded(value), None
    found, rate = _search(value, 0)
    return b"".join(map(decoded, found)), rate


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


def _search(value: Any, depth: int) -> tuple[list[str], int | None]:
    if depth > _DEEP:
        return [], None
    if isinstance(value, list):
        parts = cast(list[Any], value)[:100]
        if texts := [part for part in parts if isinstance(part, str)]:
            return texts, None
        inside = (_search(part, depth + 1) for part in parts)
        return next((found for found in inside if found[0]), (list[str](), None))
    if not isinstance(value, dict):
        if depth:
            return [], None
        raise unreadable(str(value))
    fields = cast(Mapping[str, Any], value)
    kind = str(fields.get("type", ""))
    problem = next((fields[name] for name in _FAILS if fields.get(name)), None)
    if kind.endswith("error") or problem:
        raise refused(json.dumps(problem or value))
    if kind.endswith("done"):
        return [], None
    called = {_SIGNS.sub("", name).lower(): inner for name, inner in fields.items()}
    stated = next(filter(None, (_rate(called[name]) for name in _RATES if name in called)), None)
    for name in _FIELDS:
        inner = called.get(name)
        if isinstance(inner, str):
            found, rate = [inner] if inner and inner.lower() not in _STATES and name != "message" else [], None
        else:
            found, rate = _search(inner, depth + 1)
        if found:
            return found, rate or stated or _beside(called)
    return [], stated or _beside(called)


def _rate(value: Any) -> int | None:
    """Return a rate; what is no whole number would be looked for one by one in a range: 7 ms."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= _LONGEST_RATE:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and value in RATES else None


def _beside(called: Mapping[str, Any]) -> int | None:
    """Return the rate that an object of remarks beside the sound states."""
    for name in _REMARKS:
        inner = called.get(name)
        if isinstance(inner, dict):
            fields = {_SIGNS.sub("", key).lower(): value for key, value in cast(dict[str, Any], inner).items()}
            if rate := next(filter(None, (_rate(fields[key]) for key in _RATES if key in fields)), None):
                return rate
    return None
