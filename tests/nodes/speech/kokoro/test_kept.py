import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nodes.speech._kokoro.kept import SUFFIX, Clauses, key
from tests.harness import ROOT

RNG = np.random.default_rng(3)


def sound(seconds: float = 0.1, peak: float = 0.5) -> np.ndarray:
    return (peak * RNG.uniform(-1, 1, round(24_000 * seconds))).astype(np.float32)


def names(folder: Path) -> set[str]:
    return {path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")}


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_what_is_kept_is_read_as_it_was_given_to_the_first_listener(tmp_path: Path) -> None:
    said = sound()
    given_first = Clauses(tmp_path, 10**6).put("a", said)
    again = Clauses(tmp_path, 10**6).get("a")
    assert again is not None
    assert again.dtype == np.float32
    assert np.array_equal(again, given_first)
    assert np.abs(given_first - said).max() <= 1.02 / 65534


@given(arrays.arrays(np.float32, st.integers(0, 200), elements=st.floats(-3, 3, width=32)))
def test_any_sound_comes_back_within_half_a_step(tmp_path_factory: pytest.TempPathFactory, said: np.ndarray) -> None:
    kept = Clauses(tmp_path_factory.mktemp("kept"), 10**6)
    first = kept.put("a", said)
    assert np.array_equal(kept.get("a"), first)
    assert np.abs(first - said).max(initial=0) <= np.abs(said).max(initial=1) / 65534 * 1.02


def test_a_clause_that_was_never_kept_must_be_made(tmp_path: Path) -> None:
    assert Clauses(tmp_path / "none", 10**6).get("a") is None
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("change", ["cut", "longer", "a bit", "head", "empty", "another version"])
def test_a_damaged_clause_is_removed_and_can_be_kept_again(tmp_path: Path, change: str) -> None:
    kept, said = Clauses(tmp_path, 10**6), sound()
    kept.put("a", said)
    path = tmp_path / f"a{SUFFIX}"
    whole = path.read_bytes()
    path.write_bytes(
        {
            "cut": whole[:-1],
            "longer": whole + b"\0\0",
            "a bit": whole[:300] + bytes([whole[300] ^ 1]) + whole[301:],
            "head": whole[:10],
            "empty": b"",
            "another version": b"clause 0" + whole[8:],
        }[change]
    )
    assert kept.get("a") is None
    assert not path.exists()
    assert np.array_equal(kept.put("a", said), kept.get("a"))


def test_the_folder_stays_within_its_bound_and_what_was_used_last_stays(tmp_path: Path) -> None:
    kept, most = Clauses(tmp_path, 100_000), 100_000
    for number in range(100):
        kept.put(f"n{number}", sound(0.1))  # 4.8 kB each
        os.utime(tmp_path / f"n{number}{SUFFIX}", ns=(number * 10**9, number * 10**9))
        if number:
            assert kept.get("n0") is not None, "it is used all the time"
        assert size(tmp_path) <= most
    left = names(tmp_path)
    assert {"n0", "n99"} <= left
    assert {"n1", "n2", "n3"}.isdisjoint(left)
    assert size(tmp_path) > most * 0.8


def test_several_programs_in_one_folder_pass_the_bound_by_an_eighth_each_at_most(tmp_path: Path) -> None:
    several, most = [Clauses(tmp_path, 100_000) for _ in range(3)], 100_000
    for number in range(150):
        several[number % 3].put(f"n{number}", sound(0.1))
        assert size(tmp_path) <= most * (1 + 2 / 8)


def test_a_clause_that_is_larger_than_the_folder_gives_up_is_only_said(tmp_path: Path) -> None:
    kept, said = Clauses(tmp_path, 10_000), sound(1.0)
    assert len(kept.put("a", said)) == len(said)
    assert kept.get("a") is None
    assert names(tmp_path) == set()


def test_a_folder_that_cannot_be_written_to_only_costs_the_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept, said = Clauses(tmp_path / "file" / "clauses", 10**6), sound()
    assert len(kept.put("a", said)) == len(said)
    assert kept.get("a") is None


def test_what_makes_another_sound_has_another_name() -> None:
    made = [key("m", "jf", tempo, said) for tempo in (1.0, 1.08) for said in ("annjʌŋ", "annjʌ", "a")]
    assert len({*made, key("m", "jm", 1.0, "a"), key("n", "jf", 1.0, "a")}) == len(made) + 2


WRITER = """
import sys
from pathlib import Path
import numpy as np
from nodes.speech._kokoro.kept import Clauses
kept, number = Clauses(Path(sys.argv[1]), 3_000_000), 0
print("ready", flush=True)
while True:
    number += 1
    kept.put(f"{sys.argv[2]}-{number % 50}", np.full(24_000 * 2, number % 7 / 10, np.float32))
"""


@pytest.mark.component
def test_a_program_that_is_killed_while_it_writes_leaves_only_whole_clauses(tmp_path: Path) -> None:
    chance = random.Random(5)
    for kill in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(kill)], cwd=ROOT, stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(chance.uniform(0.05, 0.2))
            writer.send_signal(signal.SIGKILL)
        written = names(tmp_path)
        assert written
        kept = Clauses(tmp_path, 3_000_000)
        assert all(kept.get(name) is not None for name in written)
        kept.put("after", sound())
        assert not list(tmp_path.glob("*.tmp"))
        assert size(tmp_path) <= 3_000_000
