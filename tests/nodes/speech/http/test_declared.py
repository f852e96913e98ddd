import pytest

from nodes.speech._http.declared import declared
from nodes.speech._speaking.samples import Form


@pytest.mark.parametrize(
    ("headers", "form", "rate"),
    [
        ({}, Form(), 24_000),
        ({"content-type": "audio/pcm;rate=24000;channels=1"}, Form(), 24_000),
        ({"content-type": 'audio/pcm; rate="16000"; channels="2"'}, Form(channels=2), 16_000),
        ({"content-type": "audio/L24;rate=48000"}, Form(bits=24, big=True), 48_000),
        ({"content-type": "audio/x-mulaw;rate=16000"}, Form("mulaw", 8), 16_000),
        ({"content-type": "audio/pcm", "x-audio-encoding": "alaw"}, Form("alaw", 8), 24_000),
        ({"content-type": "audio/f32be"}, Form("float", 32, big=True), 24_000),
        ({"content-type": "audio/pcm", "x-audio-format": '{"sample_rate":16000,"dtype":"float32"}'}, Form("float", 32), 16_000),  # noqa: E501
        ({"content-type": "audio/pcm", "x-sample-rate": "5"}, Form(), 24_000),
        ({"content-type": "audio/pcm;rate=48k"}, Form(), 48_000),
        ({"content-type": "audio/pcm", "x-sr": "16000"}, Form(), 16_000),
        ({"content-type": "audio/pcm", "x-frequency": "16000"}, Form(), 16_000),
        ({"content-type": "audio/pcm", "x-sample-width": "3"}, Form(bits=24), 24_000),
        ({"content-type": "audio/pcm", "audio-sample-rate": "48000Hz"}, Form(), 48_000),
        ({"content-type": "audio/pcm", "x-output-format": "raw-16khz-16bit-mono-pcm"}, Form(), 16_000),
        ({"content-type": "audio/pcm;bitrate=48k"}, Form(), 24_000),
        ({"content-type": "audio/pcm", "x-sample-rate-hertz": "16000"}, Form(), 16_000),
        ({"content-type": "audio/pcm;hz=16000"}, Form(), 16_000),
        ({"content-type": "audio/x-raw, format=(string)F32LE, rate=(int)16000"}, Form("float", 32), 16_000),
        ({"content-type": "audio/pcm", "x-output-format": "pcm_f32le_44100"}, Form("float", 32), 44_100),
        ({"content-type": "audio/pcm", "x-output-format": "ulaw_8000"}, Form("mulaw", 8), 8_000),
        ({"content-type": "audio/pcm", "x-audio-format": "pcm;16000;16;1"}, Form(), 16_000),
        ({"content-type": "audio/pcm", "x-audio-length": "48000"}, Form(), 24_000),
        ({"content-type": "audio/pcm", "x-audio-dtype": "<f4"}, Form("float", 32), 24_000),
        ({"content-type": "audio/pcm", "x-audio-dtype": "double"}, Form("float", 64), 24_000),
        ({"content-type": "audio/pcm;byte-order=big"}, Form(big=True), 24_000),
        ({"content-type": "audio/pcm", "x-channel-count": "2"}, Form(channels=2), 24_000),
        ({"content-type": "audio/pcm", "x-ratelimit-rate": "16000"}, Form(), 24_000),
    ],
)  # fmt: skip
def test_headers_describe_the_samples(headers: dict[str, str], form: Form, rate: int) -> None:
    found = declared(headers)
    assert (found.form, found.rate) == (form, rate)


def test_the_order_of_bytes_of_a_standard_that_few_follow_is_left_to_the_sound() -> None:
    assert not declared({"content-type": "audio/L16"}).sure
    assert declared({"content-type": "audio/L16;endian=little"}).sure
