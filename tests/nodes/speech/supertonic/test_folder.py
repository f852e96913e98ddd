from pathlib import Path

import pytest

from nodes.speech._speaking.voice import VoiceError
from nodes.speech._supertonic.folder import LETTERS, PARTS, SETTINGS, STYLES, check, missing, style, voices


def model(folder: Path, without: str = "") -> Path:
    """Write files where those of a model are."""
    for file in (SETTINGS, LETTERS, *PARTS, STYLES / "F1.json", STYLES / "M1.json"):
        if file.as_posix() != without:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes((b"voice " if file.parent == STYLES else b"") + file.as_posix().encode())
    return folder


def test_a_whole_model_lacks_nothing(tmp_path: Path) -> None:
    check(model(tmp_path))
    assert missing(tmp_path) == []
    assert voices(tmp_path) == ["F1", "M1"]


@pytest.mark.parametrize("file", [each.as_posix() for each in (SETTINGS, LETTERS, *PARTS)])
def test_what_is_missing_is_named_with_the_remedy(tmp_path: Path, file: str) -> None:
    assert missing(model(tmp_path, without=file)) == [file]
    with pytest.raises(VoiceError, match=f"{file}.*voice pull supertonic"):
        check(tmp_path)


def test_a_model_without_a_voice_is_not_whole(tmp_path: Path) -> None:
    for voice in model(tmp_path).glob(f"{STYLES}/*.json"):
        voice.unlink()
    assert missing(tmp_path) == ["voice_styles/*.json"]


def test_a_voice_is_found_by_its_name_or_by_its_file(tmp_path: Path) -> None:
    assert style(model(tmp_path), "M1") == tmp_path / STYLES / "M1.json"
    own = tmp_path / "own.json"
    own.write_text("{}")
    assert style(tmp_path, str(own)) == own
    with pytest.raises(VoiceError, match="F1, M1"):
        style(tmp_path, "M9")
