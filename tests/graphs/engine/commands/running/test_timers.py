"""Timers on Windows, whose libraries are stood in for here."""

import asyncio
import ctypes
import time
from collections.abc import Callable
from typing import Any

import pytest

from graphs.engine.commands.running import timers


class Function:
    """A function of a library; ``c_void_p`` arguments are recorded by their value, pointers by what they point to."""

    def __init__(self, name: str, calls: list[tuple[Any, ...]], answer: int) -> None:
        self._name = name
        self._calls = calls
        self._answer = answer
        self.restype: object = ctypes.c_int

    def __call__(self, *given: Any) -> int:
        self._calls.append((self._name, *(plain(argument) for argument in given)))
        return self._answer


def plain(argument: Any) -> object:
    if isinstance(argument, ctypes.c_void_p):
        return argument.value
    if isinstance(argument, int):
        return argument
    pointed = argument._obj
    return pointed.version, pointed.control, pointed.state


class Library:
    """A system library with some functions."""

    def __init__(self, calls: list[tuple[Any, ...]], **answers: int) -> None:
        for name, answer in answers.items():
            setattr(self, name, Function(name, calls, answer))


def windows(calls: list[tuple[Any, ...]], **other: Library | None) -> Callable[[str], Any]:
    there: dict[str, Library | None] = {
        "winmm": Library(calls, timeBeginPeriod=0, timeEndPeriod=0),
        "kernel32": Library(
            calls, GetCurrentThread=-2, GetCurrentProcess=-1, SetThreadPriority=1, SetProcessInformation=1
        ),
    } | other

    def opened(name: str) -> Library:
        found = there[name]
        if found is None:
            raise OSError(name)
        return found

    return opened


ASKED = [
    ("timeBeginPeriod", 1),
    ("GetCurrentThread",),
    ("SetThreadPriority", 2**64 - 2, 1),
    ("GetCurrentProcess",),
    ("SetProcessInformation", 2**64 - 1, 4, (1, 5, 0), 12),
]


def test_windows_is_asked_for_fine_timers_and_told_when_they_are_no_longer_needed() -> None:
    calls: list[tuple[Any, ...]] = []
    with timers.on_time("win32", windows(calls)):
        assert calls == ASKED
    assert calls == [*ASKED, ("timeEndPeriod", 1)]


def test_they_are_given_back_after_an_error_too() -> None:
    calls: list[tuple[Any, ...]] = []
    with pytest.raises(RuntimeError), timers.on_time("win32", windows(calls)):
        raise RuntimeError
    assert calls[-1] == ("timeEndPeriod", 1)


@pytest.mark.parametrize(
    ("without", "asked"),
    [
        pytest.param({"winmm": None}, ASKED[1:], id="no timers"),
        pytest.param({"kernel32": None}, [ASKED[0], ("timeEndPeriod", 1)], id="no kernel"),
    ],
)
def test_what_one_library_refuses_is_still_asked_of_the_other(without: dict[str, None], asked: list[Any]) -> None:
    calls: list[tuple[Any, ...]] = []
    with timers.on_time("win32", windows(calls, **without)):
        pass
    assert calls == asked


def test_a_period_that_was_refused_is_not_given_back() -> None:
    calls: list[tuple[Any, ...]] = []
    with timers.on_time("win32", windows(calls, winmm=Library(calls, timeBeginPeriod=97, timeEndPeriod=0))):
        pass
    assert calls == ASKED


def test_other_systems_are_left_alone() -> None:
    def never(name: str) -> Any:
        raise AssertionError(name)

    with timers.on_time("linux", never):
        pass


@pytest.mark.parametrize(("platform", "version", "own"), [("win32", (3, 12), True), ("win32", (3, 13), False)])
def test_a_clock_with_steps_is_replaced(platform: str, version: tuple[int, int], own: bool) -> None:
    loop = timers.new_loop(platform, version)
    loop.close()
    assert isinstance(loop, timers.FineLoop) == own


def test_other_systems_keep_their_loop() -> None:
    loop = timers.new_loop("linux", (3, 11))
    loop.close()
    assert not isinstance(loop, timers.FineLoop)


def test_the_loop_runs_its_timers_by_the_performance_counter_and_none_early() -> None:
    late: list[float] = []

    async def wait() -> None:
        loop = asyncio.get_running_loop()
        assert abs(loop.time() - time.perf_counter()) < 1.0
        for _ in range(20):
            due = loop.time() + 0.002
            woken = loop.create_future()
            loop.call_at(due, woken.set_result, None)
            await woken
            late.append(time.perf_counter() - due)

    with asyncio.Runner(loop_factory=timers.FineLoop) as runner:
        runner.run(wait())
    assert min(late) > -0.0001
