import importlib
import importlib.metadata
import importlib.util
import logging
import os
import sys
import types
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ModuleSpec

import pytest

from nodes.speech._qwen import packages
from nodes.speech._qwen.packages import check, load, offline, quiet, stand_ins
from nodes.speech._speaking.voice import VoiceError

COMMON = {
    "torch": "2.13.0+cu130",
    "accelerate": "1.12.0",
    "librosa": "0.11.0",
    "soundfile": "0.14",
    "safetensors": "0.8",
}
STOCK = {**COMMON, "qwen-tts": "0.1.1", "faster-qwen3-tts": "0.3.2", "transformers": "4.57.3"}
FORK = {**COMMON, "qwen-tts-hf": "0.1.1.post1", "faster-qwen3-tts": "0.5.4", "transformers": "5.16.1"}
SETS = [pytest.param(STOCK, id="stock"), pytest.param(FORK, id="fork")]


def installed(versions: dict[str, str], **changes: str | None) -> Callable[[str], str]:
    now = versions | {name.replace("_", "-"): version for name, version in changes.items()}

    def version(name: str) -> str:
        found = now.get(name)
        if found is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return found

    return version


@pytest.mark.parametrize("versions", SETS)
def test_either_set_is_accepted(versions: dict[str, str]) -> None:
    check(installed(versions))


@pytest.mark.parametrize("transformers", ["5.15.1", "5.16.0", "5.16.1"])
def test_the_fork_works_with_the_versions_that_were_tried(transformers: str) -> None:
    check(installed(FORK, transformers=transformers))


@pytest.mark.parametrize(
    ("versions", "transformers", "remedy"),
    [
        *((FORK, other, "5.16.1") for other in ("4.57.3", "5.15.0", "5.16.2", "5.17.0", "5.23.0", "6.0.0rc1")),
        *((STOCK, other, "4.57.3") for other in ("4.57.1", "4.57.6", "5.0.0", "5.16.1")),
    ],
)
def test_another_transformers_is_refused_with_the_command_that_helps(
    versions: dict[str, str], transformers: str, remedy: str
) -> None:
    with pytest.raises(VoiceError, match=rf"transformers {transformers}.+pip install transformers=={remedy}"):
        check(installed(versions, transformers=transformers))


@pytest.mark.parametrize(("versions", "name"), [(each, name) for each in (STOCK, FORK) for name in each])
def test_a_missing_package_is_named_with_the_command_that_installs_all(versions: dict[str, str], name: str) -> None:
    named = "qwen-tts" if name == "qwen-tts-hf" else name
    with pytest.raises(VoiceError, match=rf"^{named} .+pip install -r requirements-gpu\.txt$"):
        check(installed(versions, **{name.replace("-", "_"): None}))


@pytest.mark.parametrize(
    ("versions", "name", "version"),
    [
        (STOCK, "qwen_tts", "0.1.0"),
        (STOCK, "faster_qwen3_tts", "0.5.4"),
        (FORK, "qwen_tts_hf", "0.1.2"),
        (FORK, "faster_qwen3_tts", "0.3.2"),
    ],
)
def test_a_package_of_another_version_is_refused(versions: dict[str, str], name: str, version: str) -> None:
    with pytest.raises(VoiceError, match=rf"{version}.+pip install --no-deps"):
        check(installed(versions, **{name: version}))


@pytest.mark.parametrize("versions", SETS)
def test_the_two_packages_of_one_name_are_refused_together(versions: dict[str, str]) -> None:
    with pytest.raises(VoiceError, match="pip uninstall -y qwen-tts qwen-tts-hf"):
        check(installed(versions, qwen_tts="0.1.1", qwen_tts_hf="0.1.1.post1"))


def test_an_old_torch_is_refused() -> None:
    with pytest.raises(VoiceError, match=r"torch 2\.4\.1"):
        check(installed(STOCK, torch="2.4.1+cpu"))


def test_modules_that_nothing_calls_are_stood_in_for_and_taken_away_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_UNUSED", {"no_such": (), "no_such.part": ("call",), "json": ()})
    with stand_ins():
        assert importlib.import_module("no_such.part").call is None
        assert importlib.import_module("json").dumps([]) == "[]"
    assert "no_such" not in sys.modules
    assert "json" in sys.modules


def test_nothing_is_asked_of_the_network_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    constants = types.ModuleType("huggingface_hub.constants")
    constants.HF_HUB_OFFLINE = False  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "huggingface_hub.constants", constants)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    with offline():
        assert (os.environ["HF_HUB_OFFLINE"], os.environ["TRANSFORMERS_OFFLINE"]) == ("1", "1")
        assert constants.HF_HUB_OFFLINE is True
    assert os.environ["HF_HUB_OFFLINE"] == "0"
    assert "TRANSFORMERS_OFFLINE" not in os.environ
    assert constants.HF_HUB_OFFLINE is False


def test_offline_needs_no_hub_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "huggingface_hub.constants", raising=False)
    with offline():
        assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_banners_go_to_the_log_and_other_threads_print_on(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "aischoco.qwen")
    with ThreadPoolExecutor(1) as other, quiet():
        print("********\nflash-attn is not installed")
        print("\n ***")
        other.submit(print, "대답").result()
        print(end="", flush=True)
    print("behind")
    assert capsys.readouterr().out == "대답\nbehind\n"
    assert caplog.messages == ["flash-attn is not installed"]


class Modules:
    """Stands in for the import of packages."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.broken: dict[str, Exception] = {}
        self.there: set[str] = set()
        monkeypatch.setattr(importlib, "import_module", self.import_module)
        monkeypatch.setattr(importlib.util, "find_spec", self.find_spec)

    def import_module(self, name: str) -> types.SimpleNamespace:
        self.asked.append(name)
        if name in self.broken:
            raise self.broken[name]
        messages = types.SimpleNamespace(set_verbosity_error=lambda: None, disable_progress_bar=lambda: None)
        return types.SimpleNamespace(name=name, logging=messages)

    def find_spec(self, name: str) -> ModuleSpec | None:
        if name.partition(".")[0] == "einops":
            raise ModuleNotFoundError(name)
        return ModuleSpec(name, None) if name in self.there else None


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Modules:
    return Modules(monkeypatch)


def test_transformers_is_imported_before_the_package_that_needs_stand_ins(modules: Modules) -> None:
    _, qwen_tts = load()
    assert qwen_tts.name == "qwen_tts"
    assert modules.asked == ["torch", "transformers", "transformers.models.mimi.modeling_mimi", "qwen_tts"]


def test_a_torchaudio_that_works_is_left_alone(modules: Modules) -> None:
    modules.there = {"torchaudio"}
    load()
    assert modules.asked[1] == "torchaudio"


def test_a_torchaudio_that_cannot_be_loaded_is_to_be_removed(modules: Modules) -> None:
    modules.there = {"torchaudio"}
    modules.broken["torchaudio"] = OSError("libtorch_cuda.so: cannot open shared object file")
    with pytest.raises(VoiceError, match="pip uninstall -y torchaudio"):
        load()


@pytest.mark.parametrize("error", [ImportError("no module named mimi"), OSError("libc10.so")])
def test_an_import_that_fails_is_told_with_the_command_that_installs(modules: Modules, error: Exception) -> None:
    modules.broken["qwen_tts"] = error
    with pytest.raises(VoiceError, match=rf"{error}.+requirements-gpu"):
        load()
