"""The stand-in for the runtime writes what it loads; the real one is in test_model.py."""

import types
from pathlib import Path
from typing import Any

import pytest

from nodes.speech._kokoro import prepared


class Session:
    def __init__(self, path: str, options: Any, providers: Any) -> None:
        self.model = Path(path).read_bytes()
        self.options = options
        if self.model.startswith(b"broken"):
            raise RuntimeError("INVALID_PROTOBUF")
        if to := getattr(options, "optimized_model_filepath", ""):
            Path(to).write_bytes(b"prepared " + self.model)


class Options:
    def add_session_config_entry(self, *_: str) -> None: ...


def runtime(version: str = "1.23.0") -> Any:
    return types.SimpleNamespace(
        __version__=version,
        set_default_logger_severity=lambda _: None,
        disable_telemetry_events=lambda: None,
        InferenceSession=Session,
        SessionOptions=Options,
        GraphOptimizationLevel=types.SimpleNamespace(ORT_DISABLE_ALL="none", ORT_ENABLE_EXTENDED="extended"),
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "made" / "kokoro.onnx"
    path.parent.mkdir()
    path.write_bytes(b"model")
    return path


def test_what_was_prepared_once_is_read_and_not_prepared_again(model: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = prepared.make(runtime(), model, kept, "hash", 2)
    assert (first.model, first.options.graph_optimization_level) == (b"model", "extended")
    again = prepared.read(runtime(), kept, "hash", 2)
    assert (again.model, again.options.graph_optimization_level) == (b"prepared model", "none")
    assert again.options.intra_op_num_threads == 2


@pytest.mark.parametrize("other", [("1.24.0", "hash"), ("1.23.0", "hush")])
def test_another_runtime_or_model_is_prepared_for_itself_and_takes_its_place(
    model: Path, tmp_path: Path, other: tuple[str, str]
) -> None:
    kept = tmp_path / "kept"
    prepared.make(runtime(), model, kept, "hash", 1)
    assert prepared.read(runtime(other[0]), kept, other[1], 1) is None
    prepared.make(runtime(other[0]), model, kept, other[1], 1)
    assert prepared.read(runtime(other[0]), kept, other[1], 1).model == b"prepared model"
    assert len(list(kept.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"broken", b"prepared mode", b"prepared modem"])
def test_a_damaged_file_is_removed_and_made_again(model: Path, tmp_path: Path, content: bytes) -> None:
    kept = tmp_path / "kept"
    prepared.make(runtime(), model, kept, "hash", 1)
    (file,) = kept.iterdir()
    file.write_bytes(content)
    assert prepared.read(runtime(), kept, "hash", 1) is None
    assert not file.exists()
    prepared.make(runtime(), model, kept, "hash", 1)
    assert prepared.read(runtime(), kept, "hash", 1).model == b"prepared model"


def test_a_file_that_the_runtime_refuses_is_made_again(model: Path, tmp_path: Path) -> None:
    kept, broken = tmp_path / "kept", tmp_path / "broken"
    prepared.make(runtime(), model, kept, "hash", 1)
    (file,) = kept.iterdir()
    broken.write_bytes(b"broken")
    file.rename(file.with_stem(file.stem.rpartition("-")[0] + "-" + prepared._check(broken)))
    (named,) = kept.iterdir()
    named.write_bytes(b"broken")
    assert prepared.read(runtime(), kept, "hash", 1) is None
    assert list(kept.iterdir()) == []


def test_what_a_program_that_was_killed_left_is_removed(model: Path, tmp_path: Path) -> None:
    left = tmp_path / "kept" / "begun-abc"
    left.mkdir(parents=True)
    (left / "model.onnx").write_bytes(b"half")
    prepared.make(runtime(), model, tmp_path / "kept", "hash", 1)
    assert not left.exists()
    assert prepared.read(runtime(), tmp_path / "kept", "hash", 1).model == b"prepared model"


def test_a_folder_that_cannot_be_written_to_only_costs_the_time(model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert prepared.make(runtime(), model, tmp_path / "file", "hash", 1).model == b"model"
    assert prepared.make(runtime(), model, None, "hash", 1).model == b"model"
    assert prepared.read(runtime(), tmp_path / "file", "hash", 1) is None
