import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nodes.audio._track import Track


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_track_gives_any_cut_that_it_has_not_forgotten(sizes, before, begin, length):
    track = Track()
    for size in sizes:
        track.append(np.arange(track.end, track.end + size, dtype=np.float32))
    total = sum(sizes)
    track.forget(before)
    assert track.start <= min(before, total)
    begin = max(begin, track.start)
    assert track.cut(begin, begin + length).tolist() == list(range(begin, min(begin + length, total)))


def test_what_lies_wholly_before_a_position_is_let_go_of():
    track = Track()
    for size in (10, 0, 10, 10):
        track.append(np.zeros(size, np.float32))
    track.forget(19)
    assert (track.start, track.end) == (10, 30)
    track.forget(1000)
    assert (track.start, track.end) == (30, 30)
    assert len(track.cut(0, 30)) == 0


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_what_is_taken_out_is_gone_and_the_rest_moves_up(sizes, before, begin, length):
    track = Track()
    for size in sizes:
        track.append(np.arange(track.end, track.end + size, dtype=np.float32))
    track.forget(before)
    start, total = track.start, sum(sizes)
    begin = max(begin, start)
    track.remove(begin, begin + length)
    left = [*range(start, min(begin, total)), *range(min(begin + length, total), total)]
    assert track.cut(start, total).tolist() == left
    assert track.end == start + len(left)
