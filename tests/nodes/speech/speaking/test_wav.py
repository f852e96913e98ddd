import struct
from typing import Any

import numpy as np
import pytest

from nodes.speech._serve_wire import pcm, wav_header
from nodes.speech._speaking.wav import Wav, WireError
from tests.nodes.speech.stage import tone

SOUND = tone(200, 0.05)
PCM = pcm(SOUND)


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def wav(kind: int, channels: int, rate: int, bits: int, data: bytes, *before: bytes, more: bytes = b"") -> bytes:
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    body = b"WAVE" + b"".join(before) + chunk(b"fmt ", form + more) + chunk(b"data", data)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def whole(read: Any, data: bytes, size: int = 0) -> np.ndarray:
    size = size or len(data)
    return np.concatenate([read.push(data[at : at + size]) for at in range(0, len(data), size)])


@pytest.mark.parametrize(
    ("kind", "bits", "data"),
    [
        (1, 8, ((SOUND * 127) + 128).astype(np.uint8).tobytes()),
        (1, 16, PCM),
        (1, 24, b"".join(struct.pack("<i", int(value * 2**23))[:3] for value in SOUND)),
        (1, 32, (SOUND.astype(np.float64) * (2**31 - 1)).astype("<i4").tobytes()),
        (3, 32, SOUND.astype("<f4").tobytes()),
        (3, 64, SOUND.astype("<f8").tobytes()),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 0])
def test_wav_of_every_kind_is_read_however_it_is_cut(kind: int, bits: int, data: bytes, size: int) -> None:
    read = Wav()
    assert np.allclose(whole(read, wav(kind, 1, 44_100, bits, data), size), SOUND, atol=0.02)
    assert read.rate == 44_100


def test_channels_are_mixed_to_one() -> None:
    both = np.stack((SOUND, np.zeros_like(SOUND)), axis=1)
    assert np.allclose(whole(Wav(), wav(3, 2, 24_000, 32, both.astype("<f4").tobytes())), SOUND / 2, atol=1e-6)


def test_other_chunks_and_the_long_form_of_the_header_are_understood() -> None:
    extensible = struct.pack("<HHIH", 22, 16, 4, 1) + bytes(14)
    data = wav(0xFFFE, 1, 24_000, 16, PCM, chunk(b"LIST", b"INFOabc"), more=extensible) + chunk(b"id3 ", b"title")
    assert len(whole(Wav(), data, 5)) == len(SOUND)


@pytest.mark.parametrize("size", [0, 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_a_stream_of_unknown_length_is_read_to_its_end(size: int) -> None:
    head = wav_header(24_000, None)[:-4] + struct.pack("<I", size)
    assert len(whole(Wav(), head + PCM, 11)) == len(SOUND)


def test_samples_that_are_no_numbers_are_silence() -> None:
    assert whole(Wav(), wav(3, 1, 24_000, 32, struct.pack("<3f", float("nan"), float("inf"), 0.5))).tolist() == [
        0,
        1,
        0.5,
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"<html>not found</html>",
        wav(1, 1, 24_000, 12, b""),
        wav(85, 1, 24_000, 16, b""),
        wav(1, 0, 24_000, 16, b""),
        wav(1, 1, 1, 16, b""),
        b"RIFF\0\0\0\0WAVE" + chunk(b"data", b"1234"),
        b"RIFF\0\0\0\0WAVE" + chunk(b"fmt ", b"12"),
        b"RIFF\0\0\0\0WAVE" + chunk(b"LIST", bytes(70_000)),
    ],
)
def test_what_is_no_wav_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        Wav().push(data)


@pytest.mark.parametrize(("form", "bits", "large"), [("<6f", 32, 3e38), ("<6d", 64, 1.7e308)])
def test_channels_too_loud_for_their_sum_are_mixed_all_the_same(form: str, bits: int, large: float) -> None:
    data = struct.pack(form, large, large, large, -large, -large, -large)
    assert whole(Wav(), wav(3, 6, 24_000, bits, data)).tolist() == [0]
