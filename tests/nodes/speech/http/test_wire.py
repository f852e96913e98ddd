import base64
import json
import struct
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech._http.wire import Events, Pcm, Sniffed, Wav, WireError, decoder
from nodes.speech._serve_wire import pcm, wav_header
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


def event(**fields: Any) -> bytes:
    return f"data: {json.dumps(fields)}\n\n".encode()


@given(st.integers(1, 500))
def test_a_sample_may_be_split_between_two_pieces(size: int) -> None:
    assert np.allclose(whole(Pcm(24_000), PCM, size), SOUND, atol=1e-4)


def test_an_odd_byte_at_the_end_is_no_sample() -> None:
    assert len(whole(Pcm(24_000), PCM + b"\x01")) == len(SOUND)


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


@given(st.integers(1, 400))
def test_wav_is_known_by_its_first_letters(size: int) -> None:
    read = Sniffed(16_000)
    assert len(whole(read, wav(1, 1, 48_000, 16, PCM), size)) == len(SOUND)
    assert read.rate == 48_000


@given(st.integers(1, 400))
def test_anything_else_is_pcm(size: int) -> None:
    read = Sniffed(16_000)
    assert np.allclose(whole(read, PCM, size), SOUND, atol=1e-4)
    assert read.rate == 16_000


@given(st.integers(1, 400), st.sampled_from([b"\n\n", b"\r\n\r\n", b"\r\r"]))
def test_events_bring_base64_however_they_are_cut(size: int, end: bytes) -> None:
    pieces = [PCM[at : at + 501] for at in range(0, len(PCM), 501)]
    lines = [event(type="speech.audio.delta", audio=base64.b64encode(piece).decode()) for piece in pieces]
    text = b": hello\nevent: x\n" + b"".join(lines) + event(type="speech.audio.done", usage={}) + b"data: [DONE]\n\n"
    read = Events(24_000)
    assert np.allclose(whole(read, text.replace(b"\n\n", end), size), SOUND, atol=1e-4)
    assert read.rate == 24_000


@pytest.mark.parametrize(
    "text",
    [
        b"data: nonsense\n",
        b"data: 5\n",
        event(type="speech.audio.delta", audio="%%%"),
        event(type="speech.audio.delta", audio="é"),
        b"data: " + b"[" * 100_000 + b"\n",
        b"data: " + b"9" * 5000 + b"\n",
        event(type="speech.audio.error", error={"message": "out of memory"}),
        event(error="out of memory"),
        b"data: \xff\n",
    ],
)
def test_an_event_that_is_no_sound_is_refused(text: bytes) -> None:
    with pytest.raises(WireError):
        Events(24_000).push(text)


def test_the_text_of_a_servers_error_is_passed_on() -> None:
    with pytest.raises(WireError, match="out of memory"):
        Events(24_000).push(event(type="speech.audio.error", error={"message": "out of memory"}))


def test_an_event_without_an_end_is_refused() -> None:
    with pytest.raises(WireError, match="끝없는"):
        Events(24_000).push(b"data: " + bytes(9_000_000))


@pytest.mark.parametrize(
    ("headers", "kind", "rate"),
    [
        ({"content-type": "audio/pcm"}, Sniffed, 24_000),
        ({"content-type": "audio/L16; rate=16000; channels=1"}, Sniffed, 16_000),
        ({"content-type": "audio/pcm", "x-sample-rate": "48000"}, Sniffed, 48_000),
        ({"content-type": "audio/pcm", "x-sample-rate": "5"}, Sniffed, 24_000),
        ({"content-type": "audio/x-wav"}, Sniffed, 24_000),
        ({}, Sniffed, 24_000),
        ({"content-type": "text/event-stream; charset=utf-8"}, Events, 24_000),
    ],
)
def test_the_headers_tell_what_it_is(headers: dict[str, str], kind: type, rate: int) -> None:
    read = decoder(headers)
    assert (type(read), read.rate) == (kind, rate)


def test_a_kind_that_is_not_understood_is_told_with_a_remedy() -> None:
    with pytest.raises(WireError, match=r"audio/mpeg.*response_format"):
        decoder({"content-type": "audio/mpeg"})


@given(st.binary(max_size=400), st.integers(1, 50))
def test_garbage_is_refused_and_never_breaks_it(data: bytes, size: int) -> None:
    for begin in (b"", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0", b"data: {"):
        for read in (Sniffed(24_000), Events(24_000)):
            try:
                samples = whole(read, begin + data or b"\0", size)
            except WireError:
                continue
            assert samples.dtype == np.float32
            assert np.isfinite(samples).all()


@pytest.mark.parametrize(("form", "bits", "large"), [("<6f", 32, 3e38), ("<6d", 64, 1.7e308)])
def test_channels_too_loud_for_their_sum_are_mixed_all_the_same(form: str, bits: int, large: float) -> None:
    data = struct.pack(form, large, large, large, -large, -large, -large)
    assert whole(Wav(), wav(3, 6, 24_000, bits, data)).tolist() == [0]


def test_a_long_event_in_small_pieces_costs_no_more_than_its_length() -> None:
    def cost(seconds: int) -> float:
        text = event(type="speech.audio.delta", audio=base64.b64encode(bytes(48_000 * seconds)).decode())
        begun = time.thread_time()
        assert len(whole(Events(24_000), text, 1000)) == 24_000 * seconds
        return time.thread_time() - begun

    cost(1)
    assert cost(40) < 40 * 4 * min(cost(4) / 4 for _ in range(3))
