"""tests/fuzz/mutate.py: its changes keep an input worth reading."""

import json
from random import Random

from tests.fuzz.mutate import mutated

_LINES = b'one {"a": {"b": [1, 2]}}\ntwo\n{"c": "d"}'


def test_the_same_chance_gives_the_same_change() -> None:
    assert [mutated(_LINES, Random(7), 4096) for _ in range(3)] == [mutated(_LINES, Random(7), 4096)] * 3


def test_many_changes_leave_json_that_can_still_be_read_and_many_do_not() -> None:
    read = 0
    for seed in range(300):
        lines = mutated(_LINES, Random(seed), 1 << 20).split(b"\n")
        try:
            json.loads(lines[-1])
        except ValueError:
            continue
        read += 1
    assert 100 < read < 290


def test_an_input_never_grows_beyond_the_limit_and_may_be_empty() -> None:
    assert max(len(mutated(_LINES, Random(seed), 64)) for seed in range(300)) == 64
    assert all(isinstance(mutated(b"", Random(seed), 64), bytes) for seed in range(300))
