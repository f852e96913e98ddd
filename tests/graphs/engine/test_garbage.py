"""Garbage collection of a long run."""

import asyncio
import gc
import weakref
from collections import deque

import pytest

from graphs.engine import garbage


class Node:
    """Holds itself: only the garbage collection finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def given_back():
    gc.unfreeze()
    yield
    garbage.take_back()


def test_what_is_there_when_a_show_has_settled_is_set_aside_twice() -> None:
    slept: list[tuple[float, int]] = []

    async def sleep(seconds: float) -> None:
        slept.append((seconds, gc.get_freeze_count()))

    asyncio.run(garbage.set_aside(sleep))
    assert [seconds for seconds, _ in slept] == [3.0, 27.0]
    assert slept[0][1] == 0 < slept[1][1]
    garbage.take_back()
    assert gc.get_freeze_count() == 0


def piled_up(*, aside: bool) -> int:
    """Most nodes that were left behind and not yet collected, beside many things that stay."""

    async def sleep(_: float) -> None: ...

    there: weakref.WeakSet[Node] = weakref.WeakSet()
    stays = [[number] for number in range(100_000)]
    gc.collect()
    if aside:
        asyncio.run(garbage.set_aside(sleep))
    used = deque[Node](maxlen=1000)  # old enough to be looked at only when everything is
    most = 0
    for _ in range(len(stays) // 5):
        node = Node()
        there.add(node)
        used.append(node)
        most = max(most, len(there) - len(used))
    garbage.take_back()
    return most


def test_what_is_left_behind_in_cycles_does_not_pile_up_by_the_size_of_what_stays() -> None:
    usual = gc.get_threshold()
    gc.set_threshold(70, 5, 5)  # as the usual ones, in small
    try:
        assert 3 * piled_up(aside=True) < piled_up(aside=False)
    finally:
        gc.set_threshold(*usual)
