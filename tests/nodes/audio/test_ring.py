import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nodes.audio._ring import Ring


@given(st.integers(1, 16), st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=60))
def test_what_is_read_is_what_was_written_in_order(capacity, steps):
    ring = Ring(capacity)
    wrote, read = [], []
    for write, count in steps:
        if write:
            samples = np.arange(len(wrote), len(wrote) + count, dtype=np.float32)
            taken = ring.write(samples)
            assert taken == min(count, capacity - (len(wrote) - len(read)))
            wrote += samples[:taken].tolist()
        else:
            out = np.full(count, -1, np.float32)
            got = ring.read(out)
            read += out[:got].tolist()
            assert (out[got:] == -1).all()
        assert ring.used == len(wrote) - len(read)
        assert ring.free == capacity - ring.used
    assert read == wrote[: len(read)]


def test_what_is_skipped_is_not_read_and_gives_room():
    ring = Ring(8)
    ring.write(np.arange(6, dtype=np.float32))
    ring.skip(4)
    ring.skip(2)
    out = np.zeros(8, np.float32)
    assert ring.read(out) == 2
    assert out[:2].tolist() == [4.0, 5.0]
    ring.skip(100)
    assert (ring.used, ring.free) == (0, 8)
