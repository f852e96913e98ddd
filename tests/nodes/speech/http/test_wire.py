import base64
import json
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech._http.wire import Events, Pcm, Sniffed, decoder
from nodes.speech._speaking.wav import WireError
from tests.nodes.speech.speaking.test_wav import PCM, SOUND, wav, whole


def event(**fields: Any) -> bytes:
    return f"data: {json.dumps(fields)}\n\n".encode()


@given(st.integers(1, 500))
def test_a_sample_may_be_split_between_two_pieces(size: int) -> None:
    assert np.allclose(whole(Pcm(24_000), PCM, size), SOUND, atol=1e-4)


def test_an_odd_byte_at_the_end_is_no_sample() -> None:
    assert len(whole(Pcm(24_000), PCM + b"\x01")) == len(SOUND)


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


def test_a_long_event_in_small_pieces_costs_no_more_than_its_length() -> None:
    def cost(seconds: int) -> float:
        text = event(type="speech.audio.delta", audio=base64.b64encode(bytes(48_000 * seconds)).decode())
        begun = time.thread_time()
        assert len(whole(Events(24_000), text, 1000)) == 24_000 * seconds
        return time.thread_time() - begun

    cost(1)
    assert cost(40) < 40 * 4 * min(cost(4) / 4 for _ in range(3))
