"""A Windows console, by a library that takes down what it is asked."""

import signal
import threading
from types import SimpleNamespace

import pytest

from graphs.engine.log import windows_console

QUICK_EDIT = 0x40


class Kernel:
    """The functions of kernel32 that are called; the handle of input is 7."""

    def __init__(self, mode):
        self.mode = mode
        self.handlers = []

        def get(handle, place):
            assert handle.value == 7
            if self.mode is None:
                return 0
            place._obj.value = self.mode
            return 1

        def put(handle, mode):
            assert handle.value == 7
            self.mode = mode
            return 1

        def handler(function, add):
            (self.handlers.append if add else self.handlers.remove)(function)

        self.GetStdHandle = type("Function", (), {"__call__": lambda _, number: 7 if number == -10 else 0})()
        self.GetConsoleMode, self.SetConsoleMode, self.SetConsoleCtrlHandler = get, put, handler


def awake(kernel, ask=lambda _: None):
    return windows_console.awake("win32", lambda name: {"kernel32": kernel}[name], lambda function: function, ask)


@pytest.mark.parametrize("mode", [0x1F7, 0x1B7])
def test_a_click_stops_nothing_during_the_show_and_the_console_is_as_before_after_it(mode):
    kernel = Kernel(mode)
    with awake(kernel):
        assert kernel.mode == (mode & ~QUICK_EDIT) | 0x80
    assert kernel.mode == mode | 0x80
    assert kernel.handlers == []


def test_where_there_is_no_console_nothing_is_changed():
    kernel = Kernel(None)
    with awake(kernel):
        pass
    assert kernel.mode is None


def test_a_system_library_that_lacks_something_costs_only_that():
    with awake(SimpleNamespace()):
        pass


def test_other_systems_are_left_alone():
    with windows_console.awake("linux"):
        pass


@pytest.mark.parametrize("kind", [2, 5, 6])
def test_a_window_that_is_closed_asks_for_the_end_and_waits_for_it(kind):
    asked = threading.Event()
    kernel, answers = Kernel(0x1F7), []
    with awake(kernel, lambda number: asked.set() if number == signal.SIGINT else None):
        (handler,) = kernel.handlers
        window = threading.Thread(target=lambda: answers.append(handler(kind)))
        window.start()
        assert asked.wait(10)
        assert answers == []
    window.join(10)
    assert answers == [True]


def test_ctrl_c_goes_its_usual_way():
    kernel = Kernel(0x1F7)
    with awake(kernel, pytest.fail):
        assert kernel.handlers[0](0) is False
