"""nodes/speech/_offered/recordings.py: a recording is judged, and kept in a folder of its own if it is of use."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.offers import File
from nodes.speech._offered import recordings
from nodes.speech._offered.recordings import LONGEST_NAME, NAMELESS, named, take, voices
from nodes.speech._qwen.sample_set import read_all
from tests.nodes.speech.qwen.test_sample import TEXT, speech, wav


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "samples"


def recording(tmp_path: Path, name: str = "초코.wav", seconds: float = 4.0, text: str = "") -> File:
    return File(name, wav(tmp_path / "given.wav", speech(seconds)).read_bytes(), text)


def test_a_good_recording_becomes_a_voice_under_its_name(tmp_path: Path, folder: Path) -> None:
    verdict = take(recording(tmp_path, text=TEXT), folder)
    assert verdict.lines == ("3.8초, 글 있음", "좋은 녹음이에요.")
    assert verdict.kept == (folder / "초코" / "ref.wav").as_posix()
    assert verdict.offer is not None
    assert (verdict.offer.value, verdict.offer.name) == ((folder / "초코").as_posix(), "초코")
    assert read_all(folder / "초코").samples["neutral"].transcript == TEXT


def test_what_could_be_better_is_told_and_the_text_can_come_later(tmp_path: Path, folder: Path) -> None:
    verdict = take(recording(tmp_path), folder)
    assert "글을 넣으면 훨씬 닮아요" in verdict.lines[1]
    again = take(recording(tmp_path, text=TEXT), folder)
    assert again.kept == verdict.kept, "the same file is the same voice"
    assert again.lines[1:] == ("좋은 녹음이에요.",)
    assert [each.name for each in folder.iterdir()] == ["초코"]


def test_another_recording_of_the_same_name_writes_over_nothing(tmp_path: Path, folder: Path) -> None:
    take(recording(tmp_path, text=TEXT), folder)
    before = (folder / "초코" / "ref.wav").read_bytes()
    other = take(recording(tmp_path, seconds=5.0), folder)
    assert other.kept == (folder / "초코-2" / "ref.wav").as_posix()
    assert (folder / "초코" / "ref.wav").read_bytes() == before


@pytest.mark.parametrize(
    ("data", "told"), [(b"nothing", "읽을 수 없는 소리 파일"), (None, "초뿐이에요")], ids=["no sound file", "too short"]
)
def test_what_no_voice_can_be_made_of_is_not_kept(tmp_path: Path, folder: Path, data: bytes | None, told: str) -> None:
    given = recording(tmp_path, seconds=1.0)
    verdict = take(File("짧음.wav", data or given.data, ""), folder)
    assert told in " ".join(verdict.lines)
    assert (verdict.offer, verdict.kept) == (None, "")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["a.exe", "a", "../../a.wav.exe"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="이런 파일만"):
        take(recording(tmp_path, name), folder)
    assert not folder.exists()


@given(st.text(max_size=80))
def test_whatever_a_file_is_called_its_folder_is_a_plain_name(name: str) -> None:
    found = named(f"{name}.wav")
    assert 0 < len(found) <= LONGEST_NAME
    assert Path(found).name == found
    assert found not in (".", "..")
    assert all(sign.isalnum() or sign in "-_" for sign in found)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("../../etc/passwd.wav", "passwd"),
        ("C:\\x\\내 목소리 (1).mp3", "내-목소리-1"),
        ("...wav", NAMELESS),
        ("가.wav", "가"),
    ],
)
def test_a_path_in_the_name_leads_nowhere(name: str, folder: str) -> None:
    assert named(name) == folder


def test_there_is_an_end_to_how_many_are_kept_but_not_to_their_texts(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "MOST", 1)
    take(recording(tmp_path), folder)
    with pytest.raises(ValueError, match="이미 1개"):
        take(recording(tmp_path, "다른.wav"), folder)
    assert take(recording(tmp_path, text=TEXT), folder).kept


def test_a_disk_that_refuses_is_told_and_leaves_no_half_voice(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = recording(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ValueError, match="디스크가 가득 찼어요"):
        take(given, folder)
    assert list(folder.iterdir()) == []


def test_the_voices_that_are_there_are_listed_with_the_one_that_is_set(tmp_path: Path, folder: Path) -> None:
    assert voices(folder) == []
    (missing,) = voices(folder, folder)
    assert "목소리 녹음이 없어요" in missing.remedy
    assert (missing.audible, missing.takes) == (False, True)
    take(recording(tmp_path, text=TEXT), folder)
    wav(folder / "초코" / "ref_happy.wav", speech())
    wav(folder / "ref.wav", speech())
    elsewhere = tmp_path / "elsewhere"
    listed = voices(folder, elsewhere)
    assert [each.value for each in listed] == [each.as_posix() for each in (elsewhere, folder, folder / "초코")]
    assert listed[2].about == "3.8초, 글 있음, 감정별 녹음 1개 더"
    assert listed[0].remedy
