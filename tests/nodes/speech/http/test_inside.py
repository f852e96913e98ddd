"""Sound in JSON, as servers and gateways wrap it."""

import base64
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech._http.inside import decoded, sound_in
from nodes.speech._http.wire import decoder
from nodes.speech._speaking.wav import WireError
from tests.nodes.speech.http.test_wire import ended, event
from tests.nodes.speech.speaking.test_wav import PCM, SOUND, wav

TEXT = base64.b64encode(PCM).decode()
FILE = base64.b64encode(wav(1, 1, 24_000, 16, PCM)).decode()
INTS = np.frombuffer(PCM, "<i2").tolist()
FLOATS = SOUND.round(5).tolist()
OBJECTS: list[Any] = [
    {"audio": TEXT},
    {"audio": FILE},
    {"audioContent": FILE},
    {"audio": f"data:audio/wav;base64,{FILE}"},
    {"data": {"audio": TEXT}},
    {"choices": [{"message": {"audio": {"data": TEXT}}}]},
    [{"audio": TEXT}],
    {"audios": [FILE]},
    {"wav": FILE},
    {"AudioBase64": FILE},
    {"outputs": [{"audio_b64": TEXT}], "sampling_rate": 24_000},
    {"data": {"audio": PCM.hex(), "status": 1}},
    {"audio": [base64.b64encode(PCM[at : at + 501]).decode() for at in range(0, len(PCM), 501)]},
    {"audios": [base64.b64encode(wav(1, 1, 24_000, 16, half)).decode() for half in (PCM[:500], PCM[500:])]},
    [base64.b64encode(PCM[at : at + 800]).decode() for at in range(0, len(PCM), 800)],
    TEXT,
    INTS,
    FLOATS,
    {"audio": INTS},
    {"samples": FLOATS, "sampling_rate": 24_000},
    {"audio": {"array": FLOATS, "sampling_rate": 24_000}},
    {"waveform": [FLOATS]},
    {"waveform": [FLOATS, FLOATS]},
    {"waveform": [[each, each] for each in FLOATS]},
    {"outputs": [{"name": "audio", "datatype": "FP32", "data": FLOATS}]},
    {"audio": list(PCM)},
    {"type": "Buffer", "data": list(base64.b64decode(FILE))},
    {str(at): each for at, each in enumerate(base64.b64decode(FILE))},
    {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "audio/L16;rate=24000", "data": TEXT}}]}}]},
    [{"audioContent": base64.b64encode(PCM[at : at + 8]).decode()} for at in range(0, len(PCM), 8)],
]


@pytest.mark.parametrize("number", range(len(OBJECTS)))
@pytest.mark.parametrize("size", [0, 1, 100])
def test_sound_is_found_in_an_object_whatever_its_label_says(number: int, size: int) -> None:
    data = json.dumps(OBJECTS[number]).encode()
    for label in ("application/json", "application/octet-stream", "audio/wav"):
        assert np.allclose(ended(decoder({"content-type": label}), data, size), SOUND, atol=1e-4)


@pytest.mark.parametrize("size", [0, 1, 100])
@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        base64.encodebytes(PCM),
        PCM.hex().encode(),
        f"data:audio/wav;base64,{FILE}".encode(),
        base64.urlsafe_b64encode(PCM * 4),
        base64.b64encode(bytes(6000) + PCM),
    ],
)
def test_base64_may_be_all_of_the_body(data: bytes, size: int) -> None:
    for label in ("text/plain", "audio/wav"):
        found = ended(decoder({"content-type": label}), data, size)
        count = len(np.trim_zeros(found, "f")) // (len(SOUND) - 1)
        assert count in (1, 4)
        assert np.allclose(found[-count * len(SOUND) :], np.tile(SOUND, count), atol=1e-4)


def test_objects_may_come_line_by_line() -> None:
    halves = [base64.b64encode(half).decode() for half in (PCM[:500], PCM[500:])]
    data = "".join(json.dumps({"audio": half}) + "\n" for half in halves).encode()
    assert np.allclose(ended(decoder({"content-type": "application/x-ndjson"}), data), SOUND, atol=1e-4)


@pytest.mark.parametrize("size", [0, 1, 100])
@pytest.mark.parametrize("between", ["", "\n", "\r\n", ",\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_objects_may_stand_one_behind_the_other(between: str, indent: int | None, size: int) -> None:
    halves = [base64.b64encode(half).decode() for half in (PCM[:500], PCM[500:])]
    data = between.join(json.dumps({"audio": half}, indent=indent) for half in halves).encode()
    assert np.allclose(ended(decoder({"content-type": "application/json"}), data, size), SOUND, atol=1e-4)


def test_an_object_on_a_line_is_heard_before_the_next_one_comes() -> None:
    read = decoder({"content-type": "application/x-ndjson"})
    assert len(read.push(json.dumps({"audio": TEXT}).encode() + b"\n")) > len(SOUND) - 240
    with pytest.raises(WireError, match="out of memory"):
        read.push(b'{"error": "out of memory"}\n')


@pytest.mark.parametrize("value", [[1, 2], [0.5] * 8, [1e9] * 20, [[0.1]] * 8, [True] * 20, [None] * 20, ["a", 1]])
def test_numbers_that_are_plainly_no_sound_are_told(value: Any) -> None:
    with pytest.raises(WireError):
        ended(decoder({"content-type": "application/json"}), json.dumps({"samples": value}).encode())


@pytest.mark.parametrize("size", [0, 1, 100])
def test_events_are_known_without_their_label_and_may_bring_bare_base64(size: int) -> None:
    texts = (
        event(type="speech.audio.delta", audio=TEXT),
        f"data: {TEXT}\n\n".encode(),
        event(data=TEXT),
        event(chunk=TEXT.rstrip("=")),
        event(audio=base64.urlsafe_b64encode(PCM).decode()),
        b"event: ping\ndata: ping\n\n" + event(audio=TEXT),
        event(choices=[{"delta": {"audio": {"data": TEXT}}}]),
    )
    for text in texts:
        assert np.allclose(ended(decoder({"content-type": "text/event-stream"}), text, size), SOUND, atol=1e-4)
        assert np.allclose(ended(decoder({"content-type": "application/octet-stream"}), text, size), SOUND, atol=1e-4)


def test_the_rate_may_stand_beside_the_sound() -> None:
    for label, data in (
        ("application/json", json.dumps({"audio": TEXT, "sample_rate": 16_000}).encode()),
        ("text/event-stream", event(audio=TEXT, sample_rate=16_000)),
        ("application/json", json.dumps({"audio": TEXT, "sample_rate": "16000"}).encode()),
        ("application/json", json.dumps({"audio": TEXT, "sampling_rate": 16_000.0}).encode()),
        ("application/json", json.dumps({"data": {"audio": TEXT}, "meta": {"sampleRate": 16_000}}).encode()),
        ("application/json", json.dumps({"audio": FLOATS, "sampling_rate": 16_000}).encode()),
        ("application/json", json.dumps({"audio_base64": TEXT, "output_format": "pcm_16000"}).encode()),
        ("application/json", json.dumps({"inlineData": {"mimeType": "audio/L16;rate=16000", "data": TEXT}}).encode()),
        ("text/event-stream", event(type="speech.audio.start", sample_rate=16_000) + event(audio=TEXT)),
        ("text/event-stream", b'event: metadata\ndata: {"sample_rate": 16000}\n\n' + f"data: {TEXT}\n\n".encode()),
        ("text/event-stream", event(data="queued", sample_rate=16_000) + event(data=TEXT)),
    ):
        read = decoder({"content-type": label})
        ended(read, data)
        assert read.rate == 16_000


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"error":{"message":"no voice"}}', "no voice"),
        (b'{"detail":"out of memory, wait"}', "out of memory"),
        (b'{"status":"ok, but nothing"}', "ok, but"),
        (json.dumps({"status": "failed", "audio": TEXT, "message": "out of memory"}).encode(), "out of memory"),
        (b'data: {"detail":"out of memory"}\n\n', "out of memory"),
    ],
)
def test_an_object_without_sound_is_told(data: bytes, told: str) -> None:
    for label in ("application/json", "audio/wav"):
        with pytest.raises(WireError, match=told):
            ended(decoder({"content-type": label}), data)


@given(st.binary(max_size=60))
def test_every_alphabet_of_base64_is_read(data: bytes) -> None:
    for text in (base64.b64encode(data), base64.urlsafe_b64encode(data), base64.b64encode(data).rstrip(b"=")):
        assert decoded(text.decode()) == data


@pytest.mark.parametrize("size", [0, 1, 100])
def test_an_event_that_is_all_of_the_sound_once_more_is_not_heard_again(size: int) -> None:
    thirds = [base64.b64encode(PCM[at : at + 800]).decode() for at in range(0, len(PCM), 800)]
    body = b"".join(event(data={"audio": each, "status": 1}) for each in thirds)
    body += event(data={"audio": TEXT, "status": 2})
    assert np.allclose(ended(decoder({"content-type": "text/event-stream"}), body, size), SOUND, atol=1e-4)
    quiet = [base64.b64encode(bytes(count)).decode() for count in (200, 200, 400)]
    still = b"".join(event(audio=each) for each in quiet)
    assert len(ended(decoder({"content-type": "text/event-stream"}), still, size)) == 400


def test_a_deep_object_has_no_sound() -> None:
    deep: Any = {"audio": TEXT}
    for _ in range(10):
        deep = {"data": deep}
    assert sound_in(deep) == (b"", None)


def test_an_event_without_a_rate_is_not_looked_for_among_all_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    class Rates:
        def __contains__(self, rate: object) -> bool:
            assert isinstance(rate, int)
            return rate == 16_000

    monkeypatch.setattr("nodes.speech._http.inside.RATES", Rates())
    rates = [sound_in({"audio": TEXT, **more})[1] for more in ({}, {"sampleRate": 16_000}, {"sample_rate": 5})]
    assert rates == [None, 16_000, None]
