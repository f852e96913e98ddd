"""The requests and answers of the voice server: JSON in; PCM, WAV or server-sent events out.

Sources: OpenAI's ``/v1/audio/speech`` and its events ``speech.audio.delta`` and ``speech.audio.done``; vLLM-Omni's
``speech.audio.error``; ``POST /synthesize`` of the first AIsChoco (``text``, ``emotion``, ``language`` -> WAV).
"""

import base64
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from nodes.speech._speaking.sound import Samples
from schemas.language import KOREAN, Language, named

MOST_CHARACTERS = 4096
"""The same limit as OpenAI's."""
_UNKNOWN_SIZE = 0xFFFF_FFFF

Form = Literal["pcm", "wav"]


class BadRequest(ValueError):
    """The request cannot be fulfilled; the text tells the caller why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request."""

    text: str
    emotion: str = "neutral"
    form: Form = "wav"
    events: bool = False
    """Server-sent events instead of the bare sound."""
    stream: bool = False
    """Send pieces as they are made; without it the answer has its length in front."""
    speed: float = 1.0
    language: Language = KOREAN


def asked_openai(body: bytes) -> Wanted:
    """Read a request to ``/v1/audio/speech``; unknown fields are ignored.

    Raises:
        BadRequest: it is not a valid one.
    """
    fields = _object(body)
    form = fields.get("response_format") or "wav"
    if form not in ("pcm", "wav"):
        raise BadRequest(f"response_format must be pcm or wav, not {str(form)[:20]!r}")
    shape = fields.get("stream_format")
    if shape not in (None, "audio", "sse"):
        raise BadRequest("stream_format must be audio or sse")
    speed = fields.get("speed", 1.0)
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0.5 <= speed <= 2.0:
        raise BadRequest("speed must be a number from 0.5 to 2.0")
    return Wanted(
        _text(fields, "input"),
        _word(fields, "emotion", "neutral"),
        form,
        events=shape == "sse",
        stream=shape == "sse" or form == "pcm" or bool(fields.get("stream")),
        speed=float(speed),
        language=_language(fields),
    )


def asked_original(body: bytes) -> Wanted:
    """Read a request to ``/synthesize``.

    Raises:
        BadRequest: it is not a valid one.
    """
    fields = _object(body)
    return Wanted(_text(fields, "text"), _word(fields, "emotion", "neutral"), language=_language(fields))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise BadRequest("the body is not a JSON object")
    return cast(Mapping[str, Any], fields)


def _text(fields: Mapping[str, Any], name: str) -> str:
    text = fields.get(name)
    if not isinstance(text, str) or not text.strip():
        raise BadRequest(f"{name} required")
    if len(text) > MOST_CHARACTERS:
        raise BadRequest(f"{name} is longer than {MOST_CHARACTERS} characters")
    return text.strip()


def _word(fields: Mapping[str, Any], name: str, default: str) -> str:
    word = fields.get(name)
    return word if isinstance(word, str) and word else default


def _language(fields: Mapping[str, Any]) -> Language:
    """Return the language that the request names; Korean if it names none of ours."""
    return named(_word(fields, "language", KOREAN)) or KOREAN


def pcm(samples: Samples) -> bytes:
    """Return signed 16-bit little-endian samples."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()


def wav_header(rate: int, size: int | None) -> bytes:
    """Return the header of a 16-bit mono WAV; ``size`` in bytes of sound, None if it is not known yet."""
    length = _UNKNOWN_SIZE if size is None else size
    total = _UNKNOWN_SIZE if size is None else size + 36
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", total, b"WAVE") + form + struct.pack("<4sI", b"data", length)


def delta(data: bytes) -> bytes:
    """Return the event that carries a piece of sound."""
    return _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})


def done() -> bytes:
    """Return the event that ends the sound."""
    return _event({"type": "speech.audio.done"})


def broken(text: str) -> bytes:
    """Return the event that says that nothing more comes."""
    return _event({"type": "speech.audio.error", "error": {"message": text}})


def _event(fields: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(fields, ensure_ascii=False)}\n\n".encode()
