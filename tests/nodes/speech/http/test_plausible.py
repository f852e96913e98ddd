import numpy as np
import pytest

from nodes.speech._http.plausible import is_bytes, is_doubled, is_noise, is_text, other_file, words
from tests.nodes.speech.stage import tone


@pytest.mark.parametrize(
    ("begin", "name"),
    [
        (b"ID3\x04", "MP3"),
        (b"\xff\xfb\x90\x64", "MP3"),
        (b"OggS", "Ogg"),
        (b"fLaC", "FLAC"),
        (b"\0\0\0\x20ftyp", "MP4"),
        (b"riff\x2e\x91\xcf\x11", "Wave64"),
        (b"#!AMR\n", "AMR"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"%PDF-1.4", "PDF"),
    ],
)
def test_a_file_of_another_kind_is_named(begin: bytes, name: str) -> None:
    assert other_file(begin + bytes(20)) == name
    assert other_file(bytes(20) + begin) == ""


def test_letters_are_told_apart_from_samples_also_where_one_is_cut() -> None:
    assert is_text("목소리가 없습니다".encode()[:-1])
    assert is_text(b'{"error": 1}')
    assert not is_text(b"\0\1\2\3")
    assert not is_text(b"")


def test_the_words_of_an_error_are_read_from_json_a_page_or_text() -> None:
    assert words(b'{"error":{"message":"out of memory"}}') == "out of memory"
    assert words(b"<html><h1>502 Bad</h1></html>") == "502 Bad"
    assert words(b"no  voice\n") == "no voice"


def test_noise_is_told_apart_from_a_voice() -> None:
    assert is_noise(np.random.default_rng(1).uniform(-1, 1, 480).astype(np.float32))
    assert is_noise(np.full(480, 0.99, np.float32))
    voice = 0.4 * np.sin(np.arange(480) / 25)
    assert is_noise(np.frombuffer((voice * 127 + 128).astype("u1").tobytes(), "<i2").astype(np.float32) / 32768)
    assert not is_noise(np.sin(np.arange(480) / 25).astype(np.float32))
    assert not is_noise(tone(200, 0.02))


def test_neighbours_of_8_bits_taken_for_one_sample_are_told_apart_from_a_voice() -> None:
    voice = 0.4 * np.sin(np.arange(960) / 25)
    code = np.round(np.sign(voice) * np.log1p(255 * np.abs(voice)) / np.log(256) * 127)
    mulaw = np.where(code < 0, 127 + code, 255 - code).astype(np.uint8).tobytes()
    unsigned = (voice * 127 + 128).astype(np.uint8).tobytes()
    for data in (mulaw, unsigned):
        assert is_bytes(np.frombuffer(data, "<i2").astype(np.float32) / 32768)
    assert not is_bytes(tone(200, 0.02))
    assert not is_bytes(np.sin(np.arange(480) / 25).astype(np.float32))
    assert not is_bytes(np.tile(np.float32([0.5, -0.5]), 240)), "a square wave"
    assert not is_bytes(np.zeros(480, np.float32))
    assert not is_bytes((np.round(voice[:480] * 127) * 257 / 32768).astype(np.float32)), "8 bits that were made 16"
    assert not is_bytes(np.random.default_rng(1).normal(0, 0.1, 480).astype(np.float32))


def test_only_a_sound_whose_every_sample_comes_twice_is_doubled() -> None:
    voice = tone(200, 0.02)
    assert is_doubled(np.repeat(voice, 2)[:480])
    assert not is_doubled(voice)
    assert not is_doubled(np.zeros(480, np.float32))
    assert not is_doubled(np.tile(np.float32([0.5, 0.5, -0.5, -0.5]), 120)), "a square wave is one channel"
    assert not is_doubled(np.ravel(np.column_stack((voice, voice * 0.9)))[:480])
