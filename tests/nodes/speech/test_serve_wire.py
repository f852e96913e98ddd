import base64
import io
import json
import wave
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech._serve_wire import (
    BadRequest,
    Wanted,
    asked_openai,
    asked_original,
    broken,
    delta,
    done,
    pcm,
    wav_header,
)
from nodes.speech._speaking.wav import Wav
from tests.nodes.speech.stage import tone


def openai(**fields: Any) -> Wanted:
    return asked_openai(json.dumps({"input": "안녕", **fields}).encode())


def test_a_request_of_the_openai_interface_is_read() -> None:
    assert openai(model="tts-1", voice="alloy") == Wanted("안녕", "neutral", "wav", events=False, stream=False)
    assert openai(response_format="pcm", emotion="happy", speed=1.5) == Wanted(
        "안녕", "happy", "pcm", stream=True, speed=1.5
    )
    assert openai(stream_format="sse") == Wanted("안녕", form="wav", events=True, stream=True)
    assert openai(stream=True).stream
    assert openai(speed=1).speed == 1.0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"input": ""}, "input required"),
        ({"input": " \n"}, "input required"),
        ({"input": 5}, "input required"),
        ({"input": "가" * 4097}, "4096"),
        ({"response_format": "mp3"}, "pcm or wav"),
        ({"stream_format": "xml"}, "stream_format"),
        ({"speed": 4}, "speed"),
        ({"speed": True}, "speed"),
        ({"speed": "fast"}, "speed"),
    ],
)
def test_what_cannot_be_done_is_told(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        openai(**fields)


def test_a_request_of_the_first_kind_is_read() -> None:
    body = {"text": " 안녕 ", "emotion": "sad", "language": "Korean"}
    assert asked_original(json.dumps(body).encode()) == Wanted("안녕", "sad")
    assert asked_original('{"text": "안녕", "emotion": null}'.encode()).emotion == "neutral"
    with pytest.raises(BadRequest, match="text required"):
        asked_original(b"{}")


@pytest.mark.parametrize("body", [b"", b"text", b"[1]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match="the body is not"):
        asked_original(body)


@given(st.binary(max_size=300))
def test_garbage_is_refused_and_never_breaks_it(body: bytes) -> None:
    for read in (asked_openai, asked_original):
        with pytest.raises(BadRequest):
            read(body)


def test_samples_become_16_bits_and_loud_ones_do_not_wrap() -> None:
    assert np.frombuffer(pcm(np.array([0, 1, -1, 9, -9], np.float32)), "<i2").tolist() == [
        0,
        32767,
        -32767,
        32767,
        -32767,
    ]


def test_the_header_is_that_of_a_wav_file() -> None:
    data = pcm(tone(200, 0.1))
    with wave.open(io.BytesIO(wav_header(24_000, len(data)) + data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert file.readframes(10**6) == data
    assert len(Wav().push(wav_header(24_000, None) + data)) * 2 == len(data)


def test_events_are_one_line_of_json_each() -> None:
    read = [json.loads(event.removeprefix(b"data: ")) for event in (delta(b"ab"), done(), broken("고장\n둘"))]
    assert read == [
        {"type": "speech.audio.delta", "audio": base64.b64encode(b"ab").decode()},
        {"type": "speech.audio.done"},
        {"type": "speech.audio.error", "error": {"message": "고장\n둘"}},
    ]
    assert all(event.count(b"\n") == 2 and event.endswith(b"\n\n") for event in (delta(b""), done(), broken("a\nb")))
