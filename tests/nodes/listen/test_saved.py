"""What was said, as files."""

import wave
from pathlib import Path

import numpy as np
import pytest

from nodes.listen._saved import read_wav, write_wav


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    sound = np.arange(-4000, 4000, dtype=np.int16)
    write_wav(tmp_path / "a.wav", sound)
    assert np.abs(read_wav(tmp_path / "a.wav").astype(int) - sound).max() <= 1


def test_another_rate_and_two_channels_become_one_at_16_khz(tmp_path: Path) -> None:
    tone = (8000 * np.sin(np.arange(24_000) * 2 * np.pi * 440 / 24_000)).astype("<i2")
    with wave.open(str(tmp_path / "b.wav"), "wb") as file:
        file.setparams((2, 2, 24_000, 0, "NONE", ""))
        file.writeframes(np.stack([tone, tone], axis=1).tobytes())
    read = read_wav(tmp_path / "b.wav")
    assert len(read) == 16_000
    assert np.abs(read).max() == pytest.approx(8000, rel=0.05)


@pytest.mark.parametrize("content", [b"", b"RIFF\x00\x00\x00\x00WAVE", b"not sound"])
def test_what_is_no_wav_file_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.wav").write_bytes(content)
    with pytest.raises(ValueError, match=r"c\.wav"):
        read_wav(tmp_path / "c.wav")


def test_a_file_of_8_bits_says_so(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "d.wav"), "wb") as file:
        file.setparams((1, 1, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(100))
    with pytest.raises(ValueError, match="8 bits"):
        read_wav(tmp_path / "d.wav")
