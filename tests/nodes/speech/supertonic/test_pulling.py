import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nodes.speech._supertonic.folder import REPOSITORY, REVISION, missing
from nodes.speech._supertonic.pulling import LICENCE
from nodes.speech._supertonic.settings import FOLDER, Supertonic
from nodes.speech.pull import voice
from tests.nodes.speech.supertonic.test_folder import model


class Hub:
    """Stands in for huggingface_hub."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[dict[str, Any]] = []
        self.without = ""
        self.error: BaseException | None = None
        module = ModuleType("huggingface_hub")
        module.snapshot_download = self.download  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "huggingface_hub", module)

    def download(self, name: str, *, local_dir: Path, **more: Any) -> str:
        self.asked.append({"name": name, **more})
        if self.error:
            raise self.error
        return str(model(local_dir, without=self.without))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    return Hub(monkeypatch)


def answer(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    def ask(_: str) -> str:
        if text is None:
            raise EOFError
        return text

    monkeypatch.setattr("builtins.input", ask)


def test_what_was_pulled_is_where_the_voice_looks(hub: Hub, tmp_path: Path) -> None:
    assert voice(["pull", "supertonic", "--agree"], tmp_path, {}) == 0
    assert missing(tmp_path / Supertonic().model) == []
    (asked,) = hub.asked
    assert (asked["name"], asked["revision"], asked["endpoint"]) == (REPOSITORY, REVISION, None)


@pytest.mark.parametrize(("text", "code"), [("y", 0), ("네", 0), ("n", 1), ("", 1), (None, 1)])
def test_the_licence_is_shown_and_agreed_to_before_anything_is_downloaded(
    hub: Hub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    code: int,
) -> None:
    answer(monkeypatch, text)
    assert voice(["pull", "supertonic"], tmp_path, {}) == code
    assert LICENCE in capsys.readouterr().out
    assert len(hub.asked) == 1 - code
    assert (tmp_path / FOLDER).exists() == (code == 0)


def test_it_comes_from_where_it_is_told(hub: Hub, tmp_path: Path) -> None:
    argv = ["pull", "supertonic", "--agree", "--from", "http://127.0.0.1:1"]
    assert voice(argv, tmp_path, {"HF_ENDPOINT": "http://127.0.0.1:2", "HF_TOKEN": "secret"}) == 0
    assert voice(argv[:3], tmp_path, {"HF_ENDPOINT": "http://127.0.0.1:2"}) == 0
    assert [asked["endpoint"] for asked in hub.asked] == ["http://127.0.0.1:1", "http://127.0.0.1:2"]
    assert hub.asked[0]["token"] == "secret"


def test_a_folder_is_copied_without_a_network_and_without_what_is_not_of_the_model(hub: Hub, tmp_path: Path) -> None:
    source = model(tmp_path / "stick")
    (source / "huge.bin").write_bytes(b"not of the model")
    (source / "LICENSE").write_text("OpenRAIL-M")
    assert voice(["pull", "supertonic", "--agree", "--from", str(source)], tmp_path / "project", {}) == 0
    there = tmp_path / "project" / FOLDER
    assert missing(there) == []
    assert (there / "LICENSE").read_text() == "OpenRAIL-M"
    assert not (there / "huge.bin").exists()
    assert hub.asked == []


def test_a_folder_without_the_whole_model_is_a_failure(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = model(tmp_path / "stick", without="onnx/vocoder.onnx")
    assert voice(["pull", "supertonic", "--agree", "--from", str(source)], tmp_path / "project", {}) == 1
    assert "onnx/vocoder.onnx" in capsys.readouterr().out


@pytest.mark.parametrize("error", [ConnectionError("no network"), OSError(28, "No space left"), KeyboardInterrupt()])
def test_a_download_that_fails_is_told_with_how_to_go_on(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    hub.error = error
    assert voice(["pull", "supertonic", "--agree"], tmp_path, {}) == 1
    told = capsys.readouterr().out
    assert "voice pull supertonic" in told if isinstance(error, KeyboardInterrupt) else str(error.args[-1]) in told


def test_without_the_package_what_to_install_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert voice(["pull", "supertonic", "--agree"], tmp_path, {}) == 1
    assert "requirements-supertonic.txt" in capsys.readouterr().out
