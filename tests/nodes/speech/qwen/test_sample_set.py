from pathlib import Path

import pytest

from nodes.speech._qwen.sample import SampleError
from nodes.speech._qwen.sample_set import read_all
from tests.nodes.speech.qwen.test_sample import TEXT, speech, wav


def test_every_recording_is_read_with_its_own_text(tmp_path: Path) -> None:
    for name in ("ref", "ref_happy", "ref_sad", "ref_angry"):
        wav(tmp_path / f"{name}.wav", speech())
    (tmp_path / "ref_text.txt").write_text(TEXT, encoding="utf-8-sig")
    (tmp_path / "ref_text_happy.txt").write_text(TEXT + " 신나요", encoding="utf-8")
    (tmp_path / "ref_sad.txt").write_text(TEXT + " 슬퍼요", encoding="utf-8")
    wav(tmp_path / "reference.wav", speech())
    found = read_all(tmp_path)
    assert {emotion: sample.transcript for emotion, sample in found.samples.items()} == {
        "neutral": TEXT,
        "happy": TEXT + " 신나요",
        "sad": TEXT + " 슬퍼요",
        "angry": TEXT,
    }
    assert found.refused == ()


def test_the_recording_for_neutral_is_the_voice_of_neutral(tmp_path: Path) -> None:
    wav(tmp_path / "ref.wav", speech(4.0))
    wav(tmp_path / "ref_neutral.wav", speech(5.0))
    assert read_all(tmp_path).samples["neutral"].name == "ref_neutral.wav"


@pytest.mark.parametrize(("names", "everyday"), [(["happy", "neutral"], "ref_neutral.wav"), (["sad"], "ref_sad.wav")])
def test_without_ref_another_one_is_the_voice_of_every_day(tmp_path: Path, names: list[str], everyday: str) -> None:
    for name in names:
        wav(tmp_path / f"ref_{name}.wav", speech())
    found = read_all(tmp_path)
    assert found.samples["neutral"].name == everyday
    assert set(found.samples) == {"neutral", *names}


def test_of_two_forms_wav_is_taken(tmp_path: Path) -> None:
    (tmp_path / "ref.mp3").write_bytes(b"not read")
    wav(tmp_path / "ref.wav", speech())
    assert read_all(tmp_path).samples["neutral"].name == "ref.wav"


def test_a_bad_recording_of_an_emotion_is_told_and_the_others_are_used(tmp_path: Path) -> None:
    wav(tmp_path / "ref.wav", speech())
    wav(tmp_path / "ref_sad.wav", speech(1.0))
    found = read_all(tmp_path)
    assert set(found.samples) == {"neutral"}
    reports = found.reports()
    assert [report.partition(":")[0] for report in reports] == ["ref.wav", "ref_sad.wav"]
    assert "글 없음" in reports[0]
    assert "3초 이상" in reports[1]


def test_without_a_recording_it_is_told_where_to_put_one(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match=r"ref\.wav 에 3초 이상.+ref_text\.txt"):
        read_all(tmp_path)
    with pytest.raises(SampleError, match=r"ref\.wav"):
        read_all(tmp_path / "nowhere")


def test_with_bad_recordings_alone_all_reports_are_told(tmp_path: Path) -> None:
    wav(tmp_path / "ref.wav", speech(1.0))
    (tmp_path / "ref_sad.wav").write_bytes(b"no sound")
    with pytest.raises(SampleError, match=r"(?s)쓸 수 있는.+ref\.wav:.+ref_sad\.wav:"):
        read_all(tmp_path)
