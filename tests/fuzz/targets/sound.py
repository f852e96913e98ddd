"""Fuzzes speech as a voice server sends it, and requests as our own server accepts them.

The first byte chooses the Content-Type, the second how the rest is cut into pieces.
"""

import numpy as np

from nodes.speech._http.wire import decoder
from nodes.speech._serve_wire import BadRequest, asked_openai, asked_original, delta, pcm, wav_header
from nodes.speech._speaking.sound import Samples
from nodes.speech._speaking.wav import WireError
from tests.fuzz.targets._laws import must

_TYPES = (
    "audio/pcm",
    "audio/wav",
    "text/event-stream",
    "application/octet-stream; rate=48000",
    "audio/l16;rate=8000",
    "audio/pcm;encoding=f32le;channels=2",
    "audio/pcm;bits=24;endian=big",
    "audio/basic",
    "application/json",
    "audio/mpeg",
)
_LONGEST_S = 121
_RATES = range(8_000, 192_001)


def check(data: bytes) -> None:
    _asked(data)
    if len(data) < 2:
        return
    kind, size, body = _TYPES[data[0] % len(_TYPES)], 1 + data[1], data[2:]
    whole = _read(kind, [body])
    cut = _read(kind, [body[at : at + size] for at in range(0, len(body), size)])
    if whole is None or cut is None:
        must(whole is cut, "read in one way and refused in another, in pieces of", size)
    else:
        must(np.array_equal(whole, cut), "it sounds different in pieces of", size)
    _written(body)


def _read(kind: str, pieces: list[bytes]) -> Samples | None:
    """Return all samples; None if it is not speech."""
    try:
        read = decoder({"content-type": kind})
        found = [*(read.push(piece) for piece in pieces), read.end()]
    except WireError as error:
        must(0 < len(str(error)) < 1000, "no word, or too many")
        return None
    samples = np.concatenate([np.zeros(0, np.float32), *found])
    must(samples.dtype == np.float32 and samples.ndim == 1, samples.dtype, samples.shape)
    must(bool(np.all(np.abs(samples) <= 1.0)), "a sample outside of -1..1")  # NaN is not within the range either
    must(len(samples) <= sum(map(len, pieces)) + _LONGEST_S * read.rate, "more samples than bytes, and than unpacked")
    must(read.rate in _RATES, read.rate)
    return samples


def _written(body: bytes) -> None:
    """Check that what our server writes is read back the same, in each of its forms."""
    samples = np.frombuffer(body[: len(body) // 2 * 2], "<i2").astype(np.float32) / 32767
    sound = pcm(samples)
    if b"RIF" in sound or b"RF64" in sound:  # where one file ends and another begins
        return
    expected = _read("audio/pcm", [sound])
    if expected is not None and len(expected) == len(samples):  # anything but sound is refused
        _same("audio/wav", wav_header(24_000, None) + sound, expected)
        _same("audio/wav", wav_header(24_000, len(sound)) + sound, expected)
        pieces = (sound[at : at + 1001] for at in range(0, len(sound), 1001))
        _same("text/event-stream", b"".join(map(delta, pieces)), expected)


def _same(kind: str, data: bytes, expected: Samples) -> None:
    found = _read(kind, [data])
    must(found is not None and np.array_equal(expected, found), "written and read it differs")


def _asked(data: bytes) -> None:
    for read in (asked_openai, asked_original):
        try:
            wanted = read(data)
        except BadRequest as error:
            must(0 < len(str(error)) < 200, "no word, or too many")
            continue
        must(0 < len(wanted.text) <= 4096 and wanted.form in ("pcm", "wav") and 0.5 <= wanted.speed <= 2.0, wanted)
