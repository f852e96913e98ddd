from pathlib import Path
from typing import Any

import pytest

from nodes.speech._qwen import packages
from nodes.speech._qwen.model import Prompt
from nodes.speech._qwen.prompts import key, prompt
from tests import tiny_qwen

component = pytest.mark.component
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.timeout(180)]


def test_another_recording_text_model_or_rate_is_another_key() -> None:
    sample = tiny_qwen.sample()
    keys = {
        key(sample, "1.7B-a", 16_000),
        key(sample, "1.7B-b", 16_000),
        key(sample, "1.7B-a", 24_000),
        key(tiny_qwen.sample("다른 글입니다 다른 글입니다"), "1.7B-a", 16_000),
        key(tiny_qwen.sample(digest="1"), "1.7B-a", 16_000),
    }
    assert len(keys) == 5
    assert key(tiny_qwen.sample(), "1.7B-a", 16_000) in keys


class Encoder:
    """A model that only counts how often it encodes."""

    identity = "1.7B-a"

    def __init__(self) -> None:
        self.count = 0
        self.torch, _ = packages.load()

    def prompt(self, sample: Any, speaker_rate: int) -> Prompt:
        self.count += 1
        codes = self.torch.arange(32).reshape(2, 16) if sample.transcript else None
        return Prompt(codes, self.torch.full((8,), float(speaker_rate)), sample.transcript)


@pytest.fixture
def encoder() -> Any:
    tiny_qwen.folder()
    return Encoder()


@component
@pytest.mark.parametrize("transcript", ["안녕하세요 여러분 오늘도 반가워요", ""])
def test_a_recording_is_encoded_once(encoder: Any, tmp_path: Path, transcript: str) -> None:
    sample = tiny_qwen.sample(transcript)
    made, again = (prompt(encoder, sample, tmp_path / "cache", 16_000) for _ in range(2))
    assert encoder.count == 1
    assert made.speaker.equal(again.speaker)
    assert (made.codes is None) == (again.codes is None) == (not transcript)
    assert made.codes is None or made.codes.equal(again.codes)
    assert made.transcript == again.transcript == transcript
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".safetensors"]


@component
@pytest.mark.parametrize("content", [b"", b"cut", b"\x08\0\0\0\0\0\0\0{}      "], ids=["empty", "cut", "other"])
def test_a_file_that_is_broken_is_made_anew(encoder: Any, tmp_path: Path, content: bytes) -> None:
    sample = tiny_qwen.sample()
    prompt(encoder, sample, tmp_path, 16_000)
    next(tmp_path.iterdir()).write_bytes(content)
    prompt(encoder, sample, tmp_path, 16_000)
    assert encoder.count == 2
    prompt(encoder, sample, tmp_path, 16_000)
    assert encoder.count == 2


@component
def test_a_folder_that_cannot_be_written_only_costs_the_time(encoder: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    prompt(encoder, tiny_qwen.sample(), tmp_path / "file" / "cache", 16_000)
    prompt(encoder, tiny_qwen.sample(), tmp_path / "file" / "cache", 16_000)
    assert encoder.count == 2


@component
def test_a_write_that_fails_leaves_nothing_behind(
    encoder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    prompt(encoder, tiny_qwen.sample(), tmp_path, 16_000)
    assert list(tmp_path.iterdir()) == []
