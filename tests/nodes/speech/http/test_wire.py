import base64
import json
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech._http import plausible
from nodes.speech._http.bare import Pcm
from nodes.speech._http.wire import Events, Sniffed, decoder
from nodes.speech._speaking.samples import Form
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


@pytest.mark.parametrize("size", [0, *range(1, 40), 101])
def test_a_wav_behind_a_few_letters_is_a_wav_without_a_click(size: int) -> None:
    head = b'--xyz\r\nContent-Disposition: form-data; name="audio"\r\nContent-Type: audio/wav\r\n\r\n'
    one = wav(1, 1, 24_000, 16, PCM)
    for data in (b"\xef\xbb\xbf" + one, b"\r\n" + one, head + one + b"\r\n--xyz--\r\n"):
        read = decoder({"content-type": "multipart/form-data; boundary=xyz"})
        assert np.allclose(ended(read, data, size), SOUND, atol=1e-4)
    bare = head.replace(b"wav", b"pcm") + PCM + b"\r\n--xyz--\r\n"
    assert np.allclose(ended(decoder({"content-type": "multipart/mixed; boundary=xyz"}), bare, size), SOUND, atol=1e-4)


@pytest.mark.parametrize("size", [0, 1, 7])
def test_an_object_in_front_of_a_wav_is_read_however_it_is_cut(size: int) -> None:
    with pytest.raises(WireError):
        ended(decoder({}), b'{"audio": ["AAAA"]}' + wav(1, 1, 24_000, 16, PCM), size)


@given(st.integers(1, 400))
def test_anything_else_is_pcm(size: int) -> None:
    read = Sniffed(16_000)
    assert np.allclose(np.concatenate((whole(read, PCM, size), read.end())), SOUND, atol=1e-4)
    assert read.rate == 16_000


def test_sound_in_pieces_of_one_byte_is_read_in_larger_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    mono = Form.mono
    monkeypatch.setattr(Form, "mono", lambda form, data: (sizes.append(len(data)), mono(form, data))[1])
    read = Sniffed(24_000)
    assert np.allclose(np.concatenate((whole(read, PCM * 9, 1), read.end())), np.tile(SOUND, 9), atol=1e-4)
    assert len(sizes) < len(PCM) * 9 / 100


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
        ({"content-type": "text/event-stream; charset=utf-8"}, Sniffed, 24_000),
    ],
)
def test_the_headers_tell_what_it_is(headers: dict[str, str], kind: type, rate: int) -> None:
    read = decoder(headers)
    assert (type(read), read.rate) == (kind, rate)


def test_a_kind_that_is_not_understood_is_told_with_a_remedy() -> None:
    with pytest.raises(WireError, match=r"MP3.*response_format"):
        ended(decoder({"content-type": "audio/mpeg"}), b"ID3\x04" + bytes(2000))


@pytest.mark.parametrize("label", ["audio/mpeg", "application/json", "text/plain", "audio/*", "audio/wav"])
def test_sound_is_known_by_its_content_whatever_its_label_says(label: str) -> None:
    for data in (PCM, wav(1, 1, 24_000, 16, PCM)):
        assert np.allclose(ended(decoder({"content-type": label}), data, 7), SOUND, atol=1e-4)


RNG = np.random.default_rng(1)
INTS = (np.clip(SOUND, -1, 1) * 32767).round()
DECLARED: list[tuple[dict[str, str], bytes]] = [
    ({"content-type": "audio/pcm;rate=24000;encoding=f32le"}, SOUND.astype("<f4").tobytes()),
    ({"content-type": "audio/pcm; format=float; bits=32"}, SOUND.astype("<f4").tobytes()),
    ({"content-type": "audio/pcm", "x-sample-format": "pcm_f32le"}, SOUND.astype("<f4").tobytes()),
    ({"content-type": "application/octet-stream", "x-audio-encoding": "float32"}, SOUND.astype("<f4").tobytes()),
    ({"content-type": "audio/x-raw;format=F32BE;rate=24000"}, SOUND.astype(">f4").tobytes()),
    ({"content-type": "audio/pcm;endian=big"}, INTS.astype(">i2").tobytes()),
    ({"content-type": "audio/s16le"}, INTS.astype("<i2").tobytes()),
    ({"content-type": "audio/x-f32le"}, SOUND.astype("<f4").tobytes()),
    ({"content-type": "audio/pcm", "x-dtype": "float32"}, SOUND.astype("<f4").tobytes()),
    ({"content-type": "audio/pcm", "x-sample-format": "s16be"}, INTS.astype(">i2").tobytes()),
    ({"content-type": "audio/L16;rate=24000;channels=1"}, INTS.astype(">i2").tobytes()),
    ({"content-type": "audio/L16;codec=pcm;rate=24000"}, INTS.astype("<i2").tobytes()),
    ({"content-type": "audio/pcm;channels=2"}, np.repeat(INTS, 2).astype("<i2").tobytes()),
    ({"content-type": "audio/pcm", "x-channels": "2"}, np.repeat(INTS, 2).astype("<i2").tobytes()),
    ({"content-type": "audio/pcm", "x-bits-per-sample": "32"}, (INTS * 65536).astype("<i4").tobytes()),
    ({"content-type": "audio/pcm", "x-sample-width": "4"}, (INTS * 65536).astype("<i4").tobytes()),
    ({"content-type": "audio/pcm", "x-bit-depth": "16", "content-encoding": "identity"}, INTS.astype("<i2").tobytes()),
]


@pytest.mark.parametrize(("headers", "data"), DECLARED)
@pytest.mark.parametrize("size", [1, 7, 960, 0])
def test_sound_is_decoded_as_it_is_declared(headers: dict[str, str], data: bytes, size: int) -> None:
    assert np.allclose(ended(decoder(headers), data, size), SOUND, atol=0.001)


@pytest.mark.parametrize("label", ["audio/pcm;bits=8", "audio/L8"])
@pytest.mark.parametrize("data", [(SOUND * 127).astype("i1").tobytes(), (SOUND * 127 + 128).astype("u1").tobytes()])
def test_whether_8_bits_have_a_sign_is_told_by_the_sound(label: str, data: bytes) -> None:
    for size in (1, 7, 0):
        assert np.allclose(ended(decoder({"content-type": label}), data, size), SOUND, atol=0.02)


@pytest.mark.parametrize(
    ("headers", "rate"),
    [
        ({"content-type": "audio/pcm;rate=8000"}, 8_000),
        ({"content-type": "audio/pcm; sample_rate=48000"}, 48_000),
        ({"content-type": "audio/pcm", "x-audio-sample-rate": "44100"}, 44_100),
        ({"content-type": "audio/pcm;bitrate=64000"}, 24_000),
        ({"content-type": "audio/pcm", "x-sample-rate": "16 kHz"}, 16_000),
        ({"content-type": "audio/pcm;sr=16000"}, 16_000),
        ({"content-type": "audio/pcm", "x-output-format": "pcm_16000"}, 16_000),
        ({"content-type": "audio/PCMU"}, 8_000),
        ({"content-type": "audio/basic"}, 8_000),
    ],
)
def test_the_rate_is_the_declared_one(headers: dict[str, str], rate: int) -> None:
    assert decoder(headers).rate == rate


def ended(read: Any, data: bytes, size: int = 0) -> np.ndarray:
    return np.concatenate((whole(read, data, size), read.end()))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"error": {"message": "out of memory"}}', "out of memory"),
        ('{"detail":"목소리가 없습니다"}'.encode(), "목소리가 없습니다"),
        (b"[1, 2]", r"\[1, 2\]"),
        (b"<html><body>502 Bad Gateway</body></html>", "502 Bad Gateway"),
        (b"Internal Server Error", "Internal Server Error"),
        (b"Error", "Error"),
        (b"ID3\x04" + bytes(30) + RNG.bytes(4000), "MP3"),
        (b"\xff\xf3\x84\xc4" + RNG.bytes(4000), "MP3"),
        (b"OggS\0\2" + RNG.bytes(4000), "Ogg"),
        (b"fLaC\0\0" + RNG.bytes(4000), "FLAC"),
        (b"\0\0\0\x20ftypM4A " + RNG.bytes(4000), "MP4"),
        (RNG.bytes(4000), "잡음"),
        (SOUND.astype("<f4").tobytes(), "잡음"),
        (INTS.astype(">i2").tobytes(), "잡음"),
        (bytes(4000) + RNG.bytes(4000), "잡음"),
        (RNG.bytes(200), "잡음"),
        (b"\xff\x7f" * 1000, "잡음"),
        ((SOUND * 127 + 128).astype("u1").tobytes(), "잡음"),
    ],
)
def test_what_is_no_sound_is_known_by_its_content_and_told(data: bytes, told: str) -> None:
    for kind in ("audio/wav", "audio/pcm", "application/octet-stream"):
        for size in (0, 1, 333):
            with pytest.raises(WireError, match=told):
                ended(decoder({"content-type": kind}), data, size)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<html><body>502 Bad Gateway</body></html>", "502 Bad Gateway"),
        (b'{"error": {"message": "out of memory"}}', "out of memory"),
        (b"Internal Server Error", "Internal Server Error"),
    ],
)
def test_an_error_that_is_labelled_as_events_is_told(data: bytes, told: str) -> None:
    for size in (0, 1):
        with pytest.raises(WireError, match=told):
            ended(decoder({"content-type": "text/event-stream"}), data, size)


def test_events_may_begin_with_any_of_their_fields() -> None:
    sound = event(audio=base64.b64encode(PCM).decode())
    for begin in (b"retry: 3000\n", b":\n\n", b"\n\n", b"id: 1\n", b": OK\n\n"):
        for kind in ("text/event-stream", "audio/wav"):
            assert np.allclose(ended(decoder({"content-type": kind}), begin + sound, 7), SOUND, atol=1e-4)


@pytest.mark.parametrize("head", [wav(1, 1, 24_000, 16, b""), wav(1, 1, 24_000, 16, bytes(9000))[:-9000]])
def test_what_is_no_sound_is_told_inside_a_file_too(head: bytes) -> None:
    for data in (RNG.bytes(4000), SOUND.astype("<f4").tobytes(), INTS.astype(">i2").tobytes()):
        for size in (0, 1, 333):
            with pytest.raises(WireError, match="잡음"):
                ended(decoder({"content-type": "audio/wav"}), head + data, size)


@pytest.mark.parametrize("size", [0, 1, 7])
def test_what_the_last_event_says_is_told_if_there_was_no_sound(size: int) -> None:
    text = event(type="start") + event(code=3001, message="quota exceeded")
    with pytest.raises(WireError, match="quota exceeded"):
        ended(decoder({"content-type": "text/event-stream"}), text, size)


@pytest.mark.parametrize(
    "data", [b"{}", b"\x81\xa5error\xa5hello", b"\xff\xd8", "처리할 수 없는 요청입니다".encode("cp949")]
)
def test_a_few_bytes_are_no_speech(data: bytes) -> None:
    for kind in ("audio/wav", "audio/pcm"):
        assert len(ended(decoder({"content-type": kind}), data, 1)) == 0


NOISE = (0.4 * np.sin(np.arange(2400) / 25)).astype("<f4").tobytes()
"""Floats, which nobody announced."""


@pytest.mark.parametrize("size", [1, 100])
def test_silence_in_front_of_sound_is_sound(size: int) -> None:
    quiet = bytes(2 * 2400)
    assert len(ended(Sniffed(24_000), quiet + PCM, size)) == 2400 + len(SOUND)
    assert len(ended(Sniffed(24_000), bytes(2 * 30_000), size)) == 30_000
    with pytest.raises(WireError, match="잡음"):  # however long the silence in front of it
        ended(Sniffed(24_000), bytes(2 * 30_000) + NOISE, size)
    assert len(Sniffed(24_000).push(bytes(2 * 2400))) == 2400, "silence is not held back"
    assert len(ended(Sniffed(24_000), bytes(10))) == 5
    assert len(Sniffed(24_000).end()) == 0


def test_an_event_that_is_an_error_is_told() -> None:
    for text in (
        b'event: error\ndata: {"message":"out of memory"}\n\n',
        b"error: out of memory\n",
        b'data: {"error":"out of memory"}\n',
    ):
        with pytest.raises(WireError, match="out of memory"):
            Events(24_000).push(text)


def test_events_may_end_without_an_end_of_the_line() -> None:
    text = event(type="speech.audio.delta", audio=base64.b64encode(PCM).decode()).rstrip()
    assert np.allclose(ended(Events(24_000), text), SOUND, atol=1e-4)


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


STEREO = np.repeat(np.frombuffer(PCM, "<i2"), 2).tobytes()
"""One sound on two channels, as a converter makes of it."""


@given(st.integers(1, 3000), st.sampled_from([0, 100, 4001]))
def test_two_channels_of_the_same_sound_that_nobody_declared_are_one(size: int, silence: int) -> None:
    read = decoder({"content-type": "audio/pcm"})
    sound = np.concatenate([whole(read, bytes(4 * silence) + STEREO, size), read.end()])
    assert np.allclose(sound[-len(SOUND) :], SOUND, atol=1e-4)
    assert not np.any(sound[: -len(SOUND)])


@pytest.mark.parametrize("headers", [{"content-type": "audio/pcm; channels=1"}, {"x-audio-channels": "1"}])
def test_a_stated_number_of_channels_is_believed(headers: dict[str, str]) -> None:
    read = decoder(headers)
    assert len(np.concatenate([whole(read, STEREO), read.end()])) == 2 * len(SOUND)


def test_two_channels_that_are_declared_are_not_taken_for_twice_as_many() -> None:
    read = decoder({"content-type": "audio/pcm; channels=2"})
    assert len(np.concatenate([whole(read, STEREO), read.end()])) == len(SOUND)


def test_a_text_is_judged_a_few_times_however_small_its_pieces_are(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []

    def counted(begin: bytes) -> bool:
        judged.append(len(begin) if len(begin) > plausible.LOOK else 0)
        return plausible.is_text(begin)

    monkeypatch.setattr("nodes.speech._http.wire.is_text", counted)
    with pytest.raises(WireError, match="aaa"):
        whole(decoder({"content-type": "audio/pcm"}), b"a" * 4096, 1)
    assert sum(judged) < 4 * 4096
