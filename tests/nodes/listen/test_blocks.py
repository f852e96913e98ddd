"""Blocks of sound."""

import numpy as np
import pytest

from nodes.listen._blocks import BLOCK, Blocks, loudness


def test_pieces_of_any_length_become_whole_blocks_and_nothing_is_lost() -> None:
    sound = np.arange(5000, dtype=np.int16)
    blocks, found = Blocks(), list[np.ndarray]()
    for begin in range(0, 5000, 333):
        found += blocks.take(sound[begin : begin + 333])
    assert {len(block) for block in found} == {BLOCK}
    assert np.array_equal(np.concatenate(found), sound[: 9 * BLOCK])


def test_loudness_is_relative_to_full_scale() -> None:
    assert loudness(np.zeros(BLOCK, np.int16)) == loudness(np.zeros(0, np.int16)) == 0.0
    swing = np.where(np.arange(BLOCK) % 16 < 8, 1, -1)
    assert loudness((32767 * swing).astype(np.int16)) == pytest.approx(1.0, rel=0.001)
    assert loudness((3277 * swing).astype(np.int16)) == pytest.approx(0.1, rel=0.01)


def test_the_offset_of_a_sound_card_is_no_sound() -> None:
    offset = np.full(BLOCK, 3277, np.int16)
    swing = np.where(np.arange(BLOCK) % 16 < 8, 328, -328).astype(np.int16)
    assert loudness(offset) == 0.0
    assert loudness(offset + swing) == pytest.approx(0.01, rel=0.01)
