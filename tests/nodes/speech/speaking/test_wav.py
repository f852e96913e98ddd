import struct
from typing import Any

import numpy as np
import pytest

from nodes.speech._serve_wire import pcm, wav_header
from nodes.speech._speaking.wav import Pcm, Wav, WireError
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


class _Counting:
    """``struct``, counting what is read."""

    def __init__(self) -> None:
        self.reads = 0

    def unpack_from(self, *given: Any) -> Any:
        self.reads += 1
        return struct.unpack_from(*given)


def test_a_long_header_is_read_once_however_small_its_pieces_are(monkeypatch: pytest.MonkeyPatch) -> None:
    counting = _Counting()
    monkeypatch.setattr("nodes.speech._speaking.wav.struct", counting)
    parts = [chunk(b"LIST", bytes(at % 4)) for at in range(400)]
    assert len(whole(Wav(), wav(1, 1, 24_000, 16, PCM, *parts), 1)) == len(SOUND)
    assert counting.reads < 10 * len(parts)


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


@pytest.mark.parametrize("size", [1, 7, 0])
def test_a_chunk_of_odd_size_may_lack_its_last_byte(size: int) -> None:
    data = wav(1, 1, 24_000, 16, PCM).replace(b"data", b"LIST\x03\0\0\0abcdata", 1)
    assert len(whole(Wav(), data, size)) == len(SOUND)


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


def ended(data: bytes, size: int = 0) -> np.ndarray:
    read = Wav()
    return np.concatenate((whole(read, data, size), read.end()))


@pytest.mark.parametrize("size", [1, 7, 1000, 0])
@pytest.mark.parametrize("told", [len(PCM), 0, 0xFFFF_FFFF, 0x7FFF_FFFF, 2_000_000_000, 10 * len(PCM)])
def test_files_one_behind_the_other_are_one_sound_without_their_headers(told: int, size: int) -> None:
    head = wav_header(24_000, None)[:-4] + struct.pack("<I", told)
    found = ended((head + PCM) * 3, size)
    assert np.allclose(found, np.concatenate([SOUND] * 3), atol=1e-4)


@pytest.mark.parametrize("size", [1, 9, 0])
def test_what_stands_behind_the_sound_of_a_file_is_no_sound(size: int) -> None:
    one = wav(1, 1, 24_000, 16, PCM) + chunk(b"LIST", b"INFO" + b"x" * 501) + b"\x12\x34" * 4
    assert len(ended(one + one, size)) == 2 * len(SOUND)


def test_big_endian_files_and_those_of_64_bits_are_read() -> None:
    data = (np.clip(SOUND, -1, 1) * 32767).round().astype(">i2").tobytes()
    form = struct.pack(">HHIIHH", 1, 1, 24_000, 48_000, 2, 16)
    body = b"WAVE" + b"fmt " + struct.pack(">I", 16) + form + b"data" + struct.pack(">I", len(data)) + data
    assert np.allclose(ended(b"RIFX" + struct.pack(">I", len(body)) + body, 5), SOUND, atol=1e-4)
    long = b"RF64\xff\xff\xff\xffWAVE" + chunk(b"ds64", bytes(28)) + wav(1, 1, 24_000, 16, PCM)[12 : -len(PCM) - 4]
    assert np.allclose(ended(long + b"\xff\xff\xff\xff" + PCM), SOUND, atol=1e-4)
    sizes = chunk(b"ds64", struct.pack("<QQQI", len(PCM) + 80, len(PCM), len(SOUND), 0))
    sized = long[:12] + sizes + long[12 + len(sizes) :]
    for size in (1, 7, 0):
        assert len(ended(sized + b"\xff\xff\xff\xff" + PCM + chunk(b"LIST", b"INFO" + b"x" * 501), size)) == len(SOUND)


def test_a_sound_that_changes_its_rate_is_told() -> None:
    with pytest.raises(WireError, match="8000"):
        ended(wav(1, 1, 24_000, 16, PCM) + wav(1, 1, 8_000, 16, PCM))


def test_letters_of_a_header_in_the_sound_are_sound() -> None:
    data = PCM[:500] + b"RIFFabcd" + PCM[500:] + b"RIF"
    assert len(ended(wav_header(24_000, None) + data, 3)) == len(data) // 2


FORM = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 24_000, 48_000, 2, 16))


def file(*parts: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", sum(map(len, parts)) + 4) + b"WAVE" + b"".join(parts)


@pytest.mark.parametrize("size", [1, 7, 1000, 0])
@pytest.mark.parametrize("name", [b"fact", b"PAD ", b"FLLR", b"id3 ", b"PEAK", b"iXML"])
def test_a_file_behind_another_may_begin_with_any_chunk(name: bytes, size: int) -> None:
    one = file(chunk(name, bytes(40)), FORM, b"data\xff\xff\xff\xff", PCM)
    assert np.allclose(ended(one * 3, size), np.tile(SOUND, 3), atol=1e-4)


@pytest.mark.parametrize("size", [1, 7, 1000, 0])
@pytest.mark.parametrize("stated", [2, 800, len(PCM) // 2, len(PCM) // 2 + 1])
def test_sound_that_goes_on_behind_its_stated_end_is_heard(stated: int, size: int) -> None:
    one = file(FORM, b"data" + struct.pack("<I", stated), PCM)
    assert np.allclose(ended(one, size), SOUND, atol=1e-4)
    assert np.allclose(ended(one + one, size), np.tile(SOUND, 2), atol=1e-4)


@pytest.mark.parametrize("size", [1, 7, 1000, 0])
@pytest.mark.parametrize(
    "behind",
    [b"\0", bytes(7_000), b"\0" + chunk(b"LIST", b"INFO" + bytes(90)), b"<html>" + b"502 " * 40, b"\x12\x34" * 20],
)
def test_padding_chunks_and_words_behind_the_stated_end_are_no_sound(behind: bytes, size: int) -> None:
    one = file(FORM, chunk(b"data", PCM)) + behind
    assert np.allclose(ended(one, size), SOUND, atol=1e-4)
    assert np.allclose(ended(one + one, size), np.tile(SOUND, 2), atol=1e-4)


HEADS = (b"", wav_header(24_000, None), file(FORM, b"data" + struct.pack("<I", 10 * len(PCM))))


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(
    "words", [b'{"error": "out of memory"}', b"Internal Server Error", "오류가 났습니다".encode(), b"x" * 5000]
)
@pytest.mark.parametrize("size", [1, 7, 1000, 0])
def test_words_behind_the_sound_are_told_and_not_heard(head: bytes, words: bytes, size: int) -> None:
    read = Wav() if head else Pcm(24_000)
    assert len(whole(read, head + PCM + words, size)) in range(len(SOUND) - 2, len(SOUND) + 1)
    with pytest.raises(WireError, match=words.decode()[:11]):
        read.end()


@pytest.mark.parametrize("size", [1, 7, 1000, 0])
def test_a_part_of_a_multipart_body_may_have_no_length(size: int) -> None:
    part = b"\r\n--xyzxyz\r\nContent-Type: audio/wav\r\n\r\n" + wav_header(24_000, None) + PCM
    found = ended((part * 2).lstrip(b"\r\n--xyzContent-Type: audio/wav") + b"\r\n--xyzxyz--\r\n", size)
    assert np.allclose(found, np.tile(SOUND, 2), atol=1e-4)


@pytest.mark.parametrize("bits", [20, 24])
@pytest.mark.parametrize("wide", [3, 4])
def test_samples_of_odd_sizes_stand_in_whole_bytes(bits: int, wide: int) -> None:
    data = b"".join(struct.pack("<i", int(value * 2.0**31))[4 - wide :] for value in SOUND)
    form = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 24_000, 24_000 * wide, wide, bits))
    assert np.allclose(ended(file(form, chunk(b"data", data)), 7), SOUND, atol=1e-4)
