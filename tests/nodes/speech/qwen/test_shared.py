from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, cast

import pytest

from nodes.speech._qwen import shared
from nodes.speech._qwen.model import Model
from nodes.speech._qwen.shared import give_back, lend, loaded

KEY = (Path("model"), "cuda")
OTHER = (Path("model"), "cpu")


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    assert shared._entries == {}


def model() -> Model:
    return cast(Model, object())


def test_who_uses_the_same_model_shares_it_until_the_last_gives_it_back() -> None:
    loads: list[Model] = []

    def load() -> Model:
        loads.append(model())
        return loads[-1]

    assert lend(KEY, load) is lend(KEY, load)
    assert loaded() == [KEY[0]]
    assert not give_back(KEY)
    assert lend(KEY, load) is loads[0]
    assert not give_back(KEY)
    assert give_back(KEY)
    assert loaded() == []
    lend(KEY, load)
    assert len(loads) == 2
    assert give_back(KEY)


def test_another_device_is_another_model() -> None:
    assert lend(KEY, model) is not lend(OTHER, model)
    assert give_back(KEY)
    assert give_back(OTHER)


def test_two_threads_load_it_once() -> None:
    barrier, loads = Barrier(4), []

    def load() -> Model:
        loads.append(1)
        return model()

    def ask(_: int) -> Any:
        barrier.wait(10)
        return lend(KEY, load)

    with ThreadPoolExecutor(4) as threads:
        models = list(threads.map(ask, range(4)))
    assert len(set(map(id, models))) == len(loads) == 1
    assert [give_back(KEY) for _ in range(4)] == [False, False, False, True]


def test_a_load_that_fails_is_tried_again_by_the_next() -> None:
    def broken() -> Model:
        raise MemoryError("out of memory")

    with pytest.raises(MemoryError):
        lend(KEY, broken)
    assert loaded() == []
    lend(KEY, model)
    assert give_back(KEY)
