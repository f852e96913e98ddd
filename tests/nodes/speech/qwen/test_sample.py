import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nodes.speech._qwen.sample import NARROW_RATE, RATE, SampleError, prepared, read, resampled

TEXT = "안녕하세요, 오늘도 방송에 와 주셔서 고마워요."


def speech(seconds: float = 4.0, rate: int = 24_000, level: float = 0.2) -> NDArray[np.float32]:
    """Syllables with pauses between them, no sound at both ends."""
    at = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 150 * k * at) / k for k in range(1, 12))
    return (level * buzz * np.maximum(0, np.sin(2 * np.pi * 2 * at)) ** 2).astype(np.float32)


def kinds(sound: NDArray[np.float32], rate: int = 24_000, text: str = TEXT) -> set[str]:
    stereo = sound if sound.ndim == 2 else sound[:, None]
    return {problem.kind for problem in prepared(stereo, rate, text)[1]}


def wav(path: Path, sound: NDArray[np.float32], rate: int = 24_000) -> Path:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    path.write_bytes(out.getvalue())
    return path


def rms(samples: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def test_a_good_recording_has_no_problem(tmp_path: Path) -> None:
    sample = read(wav(tmp_path / "ref.wav", speech()), f"  {TEXT}\n")
    assert sample.problems == ()
    assert (sample.name, sample.transcript) == ("ref.wav", TEXT)
    assert sample.seconds == pytest.approx(3.8, abs=0.3)
    assert sample.report() == f"ref.wav: {sample.seconds:.1f}초, 글 있음"


def test_both_forms_hold_the_same_recording_and_the_wide_one_ends_in_half_a_second_of_silence() -> None:
    pair, _ = prepared(speech(4.0, 48_000)[:, None], 48_000, TEXT)
    assert pair is not None
    wide, narrow = pair
    assert wide.dtype == narrow.dtype == np.float32
    assert len(wide) / RATE == pytest.approx(len(narrow) / NARROW_RATE + 0.5, abs=0.001)
    assert not wide[-RATE // 2 :].any()
    assert wide[-RATE // 2 - 2400 :].any()
    again = resampled(narrow, NARROW_RATE, RATE)
    assert rms(again - wide[: len(again)]) < 0.02 * rms(wide)


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_the_length_is_kept_at_any_rate(rate: int) -> None:
    pair, _ = prepared(speech(4.0, rate)[:, None], rate, TEXT)
    assert pair is not None
    assert len(pair[1]) / NARROW_RATE == pytest.approx(3.8, abs=0.3)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.4])
def test_loud_and_soft_recordings_get_one_loudness(level: float) -> None:
    pair, _ = prepared(speech(level=level)[:, None] + 0.01, 24_000, TEXT)
    usual, _ = prepared(speech()[:, None], 24_000, TEXT)
    assert pair is not None
    assert usual is not None
    assert rms(pair[1]) == pytest.approx(rms(usual[1]), rel=0.02)
    assert abs(float(pair[1].mean())) < 0.001
    assert 0.05 < rms(pair[1]) < 0.2


def test_a_peak_is_never_raised_above_full_scale() -> None:
    sound = speech(level=0.02)
    sound[48_000] = 0.9
    pair, _ = prepared(sound[:, None], 24_000, TEXT)
    assert pair is not None
    assert np.abs(pair[0]).max() <= 1.0


def test_silence_at_both_ends_is_cut_off_but_for_a_margin() -> None:
    quiet = np.zeros(48_000, np.float32)
    pair, _ = prepared(np.concatenate((quiet, speech(), quiet))[:, None], 24_000, TEXT)
    assert pair is not None
    assert len(pair[1]) / NARROW_RATE == pytest.approx(4.0, abs=0.3)


def test_the_bands_end_where_the_rates_say() -> None:
    at = np.arange(4 * 48_000) / 48_000
    hiss = (0.1 * np.sin(2 * np.pi * 11_000 * at)).astype(np.float32)
    pair, _ = prepared((speech(4.0, 48_000) + hiss)[:, None], 48_000, TEXT)
    assert pair is not None
    wide = np.abs(np.fft.rfft(pair[0][:24_000]))
    assert wide[10_900:11_100].max() > 100
    plain, _ = prepared(speech(4.0, 48_000)[:, None], 48_000, TEXT)
    assert plain is not None
    shape = [np.abs(np.fft.rfft(form[8_000:24_000])) for form in (pair[1], plain[1])]
    assert rms((shape[0] / shape[0].max() - shape[1] / shape[1].max()).astype(np.float32)) < 0.01


@pytest.mark.parametrize(
    ("sound", "rate", "kind"),
    [
        (speech(2.0), 24_000, "short"),
        (np.zeros(96_000, np.float32), 24_000, "silent"),
        (speech(level=0.0005), 24_000, "silent"),
        (np.zeros(0, np.float32), 24_000, "silent"),
        (speech(40.0), 24_000, "long"),
    ],
    ids=["short", "silent", "too soft", "empty", "too long"],
)
def test_a_recording_that_cannot_be_used_gives_no_sound(sound: NDArray[np.float32], rate: int, kind: str) -> None:
    pair, problems = prepared(sound[:, None], rate, "가" * 100)
    assert pair is None
    assert [problem.kind for problem in problems if problem.fatal] == [kind]


def test_what_could_be_better_is_told_and_used_all_the_same() -> None:
    noise = np.random.default_rng(1).normal(0, 0.02, 4 * 24_000).astype(np.float32)
    assert kinds(speech() + noise) == {"noisy"}
    assert kinds(np.clip(speech() * 12, -1, 1)) == {"clipped"}
    assert kinds(np.stack((speech(), speech()), 1)) == {"stereo"}
    assert kinds(speech(4.0, 16_000), 16_000) == {"low_rate"}
    assert kinds(speech(4.0, 8_000), 8_000) == {"low_rate"}
    assert kinds(speech(25.0), text="가" * 100) == {"long"}
    assert kinds(speech(), text=" ") == {"no_text"}
    assert kinds(speech(), text="네") == {"text"}
    assert kinds(speech(), text="가" * 80) == {"text"}
    assert prepared((speech() + noise)[:, None], 24_000, TEXT)[0] is not None


def test_channels_that_cancel_each_other_out_are_not_added() -> None:
    pair, _ = prepared(np.stack((speech(), -speech()), 1), 24_000, TEXT)
    assert pair is not None


def test_a_report_names_every_problem_in_a_line(tmp_path: Path) -> None:
    sample = read(wav(tmp_path / "ref.wav", np.stack((speech(), speech()), 1)))
    assert [line[:3] for line in sample.report().splitlines()] == ["ref", "  -", "  -"]
    with pytest.raises(SampleError) as refused:
        read(wav(tmp_path / "bad.wav", np.stack((speech(1.0), speech(1.0)), 1)))
    assert str(refused.value).startswith("bad.wav:\n  - 모노가 아니라 2채널")
    assert "3초 이상" in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"no sound at all" * 100, b"ID3" + bytes(100)], ids=["empty", "cut", "text", "tag"]
)
@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".flac", ".ogg"])
def test_a_file_that_is_no_sound_is_told(tmp_path: Path, content: bytes, suffix: str) -> None:
    (tmp_path / f"ref{suffix}").write_bytes(content)
    with pytest.raises(SampleError, match="읽을 수 없는"):
        read(tmp_path / f"ref{suffix}")


def test_samples_beyond_all_measure_are_no_sound(tmp_path: Path) -> None:
    sound = speech()
    sound[30_000:30_010] = 3e38
    data = sound.astype("<f4").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, RATE, 4 * RATE, 4, 32)
    head = struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE") + form + struct.pack("<4sI", b"data", len(data))
    (tmp_path / "ref.wav").write_bytes(head + data)
    sample = read(tmp_path / "ref.wav", TEXT)
    assert np.all(np.abs(sample.narrow) < 2)
    assert float(np.abs(sample.narrow).max()) > 0.1


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match=r"ref\.wav: 읽을 수 없는"):
        read(tmp_path / "ref.wav")


def test_another_recording_has_another_digest(tmp_path: Path) -> None:
    one, same, other = (
        read(wav(tmp_path / f"{name}.wav", speech(seconds))) for name, seconds in (("a", 4.0), ("b", 4.0), ("c", 4.5))
    )
    assert one.digest == same.digest != other.digest


@given(
    st.integers(0, 30_000),
    st.integers(1, 3),
    st.sampled_from([8_000, 16_000, 24_000, 44_100]),
    st.floats(0, 5, width=32),
)
def test_whatever_comes_it_is_used_or_refused(count: int, channels: int, rate: int, level: float) -> None:
    sound = np.random.default_rng(count).normal(0, level, (count, channels)).astype(np.float32)
    pair, problems = prepared(sound, rate, TEXT)
    assert (pair is None) == any(problem.fatal for problem in problems)
    if pair is not None:
        assert all(np.isfinite(form).all() for form in pair)
