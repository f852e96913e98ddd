"""Garbage collection of a long run."""

import asyncio
import gc
import sys
import weakref
from collections import deque
from collections.abc import Callable

import psutil
import pytest

from graphs.engine.commands.running import garbage


class Node:
    """Holds itself: only the garbage collection finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def given_back():
    gc.unfreeze()
    yield
    garbage.take_back()
    gc.freeze()  # as after collection, see tests/conftest.py


def tidied(sleep: garbage.Sleep) -> None:
    """Tidy until the first trim."""

    async def thread(_: object) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(garbage, "trimmer", lambda: None)
        asyncio.run(garbage.tidy(sleep, thread))


def test_what_is_there_when_a_show_has_settled_is_set_aside_twice() -> None:
    slept: list[tuple[float, int]] = []

    async def sleep(seconds: float) -> None:
        slept.append((seconds, gc.get_freeze_count()))

    tidied(sleep)
    assert [seconds for seconds, _ in slept] == [3.0, 27.0]
    assert slept[0][1] == 0 < slept[1][1]
    garbage.take_back()
    assert gc.get_freeze_count() == 0


def piled_up(*, aside: bool) -> int:
    """Most nodes that were left behind and not yet collected, beside many things that stay."""

    async def sleep(_: float) -> None: ...

    there: weakref.WeakSet[Node] = weakref.WeakSet()
    gc.freeze()  # what the tests left behind does not belong to this
    stays = [[number] for number in range(100_000)]
    gc.collect()
    if aside:
        tidied(sleep)
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


@pytest.mark.asyncio
async def test_free_memory_is_handed_to_the_system_every_minute(monkeypatch) -> None:
    slept: list[float] = []
    trims: list[float] = []
    monkeypatch.setattr(garbage, "trimmer", lambda: lambda: trims.append(sum(slept)))

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > 5:
            raise asyncio.CancelledError

    async def thread(work: Callable[[], object]) -> None:
        work()

    with pytest.raises(asyncio.CancelledError):
        await garbage.tidy(sleep, thread)
    assert trims == [90.0, 150.0, 210.0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of the C library of Linux")
def test_what_was_freed_between_blocks_in_use_leaves_the_process() -> None:
    trim = garbage.trimmer()
    if trim is None:
        pytest.skip("the C library has no malloc_trim")
    made = [bytes(50_000) for _ in range(2000)]  # 100 MB, below what is mapped by itself
    there = psutil.Process().memory_info().rss
    del made[::2], made[:-1]
    trim()
    assert psutil.Process().memory_info().rss < there - 80e6


def test_where_there_is_nothing_to_trim_with_nothing_is_trimmed(monkeypatch) -> None:
    assert garbage.trimmer(lambda _: object()) is None
    monkeypatch.setattr(sys, "platform", "win32")
    assert garbage.trimmer() is None


def test_a_start_looks_for_garbage_rarely_and_a_show_that_has_settled_as_often_as_ever() -> None:
    usual = gc.get_threshold()
    during: list[int] = []

    async def sleep(_: float) -> None:
        during.append(gc.get_threshold()[0])

    garbage.put_off()
    tidied(sleep)
    assert during == [garbage.RARELY, usual[0]]
    assert gc.get_threshold() == usual
    garbage.put_off()
    garbage.take_back()
    assert gc.get_threshold() == usual
