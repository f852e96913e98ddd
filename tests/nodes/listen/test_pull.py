"""aischoco.py listen"""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nodes import load_all
from nodes.commands import commands
from nodes.listen import pull
from nodes.listen._whisper import SIZES, Whisper, find
from nodes.listen.pull import listen
from tests.nodes.listen.test_whisper import model_in


class Hub:
    """Stands in for huggingface_hub: a download writes a model into the cache as the real one lays it out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[dict[str, Any]] = []
        self.whole = True
        self.error: BaseException | None = None
        module = ModuleType("huggingface_hub")
        module.snapshot_download = self.snapshot_download  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "huggingface_hub", module)

    def snapshot_download(self, name: str, *, cache_dir: Path, **more: Any) -> str:
        self.asked.append({"name": name, "cache_dir": cache_dir, **more})
        if self.error:
            raise self.error
        folder = model_in(cache_dir / f"models--{name.replace('/', '--')}" / "snapshots" / "abc")
        if not self.whole:
            (folder / "model.bin").unlink()
        return str(folder)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    return Hub(monkeypatch)


def test_it_is_a_command_of_aischoco() -> None:
    load_all()
    assert commands["listen"].run is listen


@pytest.mark.parametrize("model", SIZES)
def test_what_was_pulled_is_what_is_found(hub: Hub, tmp_path: Path, model: str) -> None:
    assert listen(["pull", model], tmp_path, {}) == 0
    assert find(Whisper(model=model, home=tmp_path / "cache" / "huggingface")) is not None
    assert hub.asked[0]["name"] == f"Systran/faster-whisper-{model}"


def test_it_goes_where_the_environment_says(hub: Hub, tmp_path: Path) -> None:
    env = {"HF_HOME": str(tmp_path / "elsewhere"), "HF_ENDPOINT": "http://127.0.0.1:1"}
    assert listen(["pull"], tmp_path, env) == 0
    assert hub.asked[0]["cache_dir"] == tmp_path / "elsewhere" / "hub"
    assert find(Whisper(home=tmp_path / "elsewhere")) is not None


@pytest.mark.parametrize("error", [OSError("no network"), KeyboardInterrupt()])
def test_a_download_that_fails_is_told_without_a_traceback(
    hub: Hub, tmp_path: Path, error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.error = error
    assert listen(["pull"], tmp_path, {}) == 1
    assert "no network" in capsys.readouterr().out or isinstance(error, KeyboardInterrupt)


def test_a_download_that_is_not_whole_or_has_no_package_is_a_failure(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.whole = False
    assert listen(["pull"], tmp_path, {}) == 1
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert listen(["pull"], tmp_path, {}) == 1
    assert "requirements-listen.txt" in capsys.readouterr().out


def test_the_microphones_are_listed_and_the_one_that_is_meant_is_marked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pull, "microphones", lambda: (["Line In", "USB Mic"], []))
    assert listen(["microphones"], tmp_path, {"MIC_DEVICE": "usb"}) == 0
    assert capsys.readouterr().out.splitlines() == ["   Line In", "-> USB Mic"]
    assert listen(["microphones"], tmp_path, {"MIC_DEVICE": "Rode"}) == 0
    assert "MIC_DEVICE" in capsys.readouterr().out
    monkeypatch.setattr(pull, "microphones", lambda: ([], ["miniaudio: none"]))
    assert listen(["microphones"], tmp_path, {}) == 1
    assert "miniaudio: none" in capsys.readouterr().out
