"""Every kept input obeys the laws of its target, and so does each of a few changed copies."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import corpus
from tests.fuzz.mutate import mutated
from tests.fuzz.targets import MOST_BYTES, TARGETS, load


@pytest.mark.parametrize("target", TARGETS)
def test_every_kept_input_keeps_the_laws_and_takes_no_longer_than_allowed(target: str) -> None:
    check, longest = load(target), TARGETS[target].longest_s
    for path in corpus.kept(target):
        try:
            took = corpus.cpu_s(check, path.read_bytes(), enough=longest)
        except Exception as error:
            error.add_note(f"corpus/{target}/{path.name}")
            raise
        assert took < longest, path.name


@pytest.mark.parametrize("target", TARGETS)
def test_a_changed_input_keeps_the_laws(target: str) -> None:
    check = load(target)
    inputs = [path.read_bytes() for path in corpus.kept(target)]

    @settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(inputs), st.integers(0, 2**32))
    def holds(data: bytes, seed: int) -> None:
        check(mutated(data, Random(seed), MOST_BYTES))

    holds()
