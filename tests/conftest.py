"""Enforces what holds for every test: no network, no environment of this machine, no leftovers, no randomness."""

import asyncio
import asyncio.sslproto
import contextlib
import gc
import os
import re
import socket
import stat
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from nodes import phrases

LOOPBACK = re.compile(r"127\.|::1$|localhost$|$")
OURS = re.compile(
    r"(AISCHOCO|CHZZK|GROQ|TTS|OVERLAY|STAGE|VTS|CHAT|TAROT|WEB_SEARCH|LOG|REF|MODEL|MODELS|NGROK|NATS)_|(HTTP|HTTPS|ALL|NO)_PROXY$",
    re.IGNORECASE,
)
_DESCRIPTORS = Path("/proc/self/fd")
GRACE_S = 2.0
"""How long a thread that is already ending may take; a test that leaves nothing does not wait."""

# Fixed examples and no deadline: a slow or busy machine must not turn a test red. `--hypothesis-profile=more` is for
# .ci/run, `explore` tries others each time.
settings.register_profile(
    "fixed",
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("more", parent=settings.get_profile("fixed"), max_examples=250)
settings.register_profile("explore", parent=settings.get_profile("fixed"), max_examples=2000, derandomize=False)
settings.load_profile("fixed")

_refused: list[str] = []
_loops: "weakref.WeakSet[asyncio.AbstractEventLoop]" = weakref.WeakSet()


def pytest_configure() -> None:
    for name in [name for name in os.environ if OURS.match(name)]:
        del os.environ[name]
    os.environ["AISCHOCO_LANG"] = "ko"  # also in the programs that tests start
    sys.addaudithook(_only_loopback)
    _note_every_loop()
    _end_every_loop()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Spread the unit tests over the cores, and one more as some wait; what is chosen by hand runs in this process."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS and "not component" in config.option.markexpr
    told = str(config.rootpath).isascii() or sys.getfilesystemencoding() == "utf-8"  # else no other process is told it
    return (os.cpu_count() or 1) + 1 if everything and told and config.option.capture != "no" else 0


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect without garbage collection: no test has left anything behind yet, and looking takes half of the time.

    What was collected stays to the end, so later garbage collections pass it over.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files whose tests may take longest, where files are spread over processes in this order: none is
    left alone with one of them at the end."""
    if not config.getoption("loadscopereorder", True):
        found = [(item, item.get_closest_marker("timeout")) for item in items]
        longest: dict[Path, float] = {}
        for item, mark in found:
            longest[item.path] = max(longest.get(item.path, 0.0), float(mark.args[0]) if mark else 0.0)
        items.sort(key=lambda item: -longest[item.path])


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to look up or reach another machine, by whatever library."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if not LOOPBACK.match(name):
        _refused.append(name)
        raise ConnectionRefusedError(f"a test must not reach {name}")


def _note_every_loop() -> None:
    original = asyncio.BaseEventLoop.__init__

    def initialise(self: asyncio.BaseEventLoop) -> None:
        original(self)
        _loops.add(self)

    asyncio.BaseEventLoop.__init__ = initialise  # type: ignore[method-assign]


def _end_every_loop() -> None:
    """Let transports that are closing finish before their loop closes; on a busy machine that takes some ticks."""
    original = asyncio.SelectorEventLoop.close

    def close(self: asyncio.SelectorEventLoop) -> None:
        latest = time.monotonic() + GRACE_S
        while not self.is_closed() and not self.is_running() and _closing(self) and time.monotonic() < latest:
            self.run_until_complete(asyncio.sleep(0.001))
        original(self)

    asyncio.SelectorEventLoop.close = close  # type: ignore[method-assign]


def _closing(loop: asyncio.SelectorEventLoop) -> bool:
    """Return whether a transport was closed but its socket is not; with TLS the other end has to answer first."""
    for transport in list(getattr(loop, "_transports", {}).values()):
        closing = transport.is_closing() or isinstance(transport.get_protocol(), asyncio.sslproto.SSLProtocol)
        if closing and transport.get_extra_info("socket").fileno() != -1:
            return True
    return False


@pytest.fixture(scope="session")
def loaded_at_a_start() -> frozenset[str]:
    """The modules of a process that has read all nodes and the server of their pages, as every show does."""
    code = "import sys, nodes, graphs.engine.web.server; nodes.load_all(); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return frozenset(ran.stdout.split())


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program speaks English; in all other tests it speaks Korean, whatever the machine is set to."""
    monkeypatch.setattr(phrases, "_tongue", ["en"])


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread, an event loop, a task or a socket, or that tried to reach another machine."""
    threads, loops, sockets = set(threading.enumerate()), set(_loops), _sockets()
    _refused.clear()
    yield
    left = [f"network: {host}" for host in _refused]
    for loop in set(_loops) - loops:
        left += [f"task: {task!r}" for task in asyncio.all_tasks(loop)]
        if not loop.is_closed():
            left.append(f"event loop: {loop!r}")
    for thread in set(threading.enumerate()) - threads:
        if not thread.name.startswith("pytest_timeout"):
            thread.join(GRACE_S)
            if thread.is_alive():
                left.append(f"thread: {thread.name}")
    left += [f"open socket: {_ends(number)}" for name, number in _sockets().items() if name not in sockets]
    assert not left, "left behind: " + "; ".join(left)


def _sockets() -> dict[int, int]:
    """Return the sockets of this process with their file descriptors, where the system lists them (Linux)."""
    found: dict[int, int] = {}
    if _DESCRIPTORS.is_dir():
        for descriptor in map(int, os.listdir(_DESCRIPTORS)):
            with contextlib.suppress(OSError):  # the descriptor of the listing itself
                status = os.fstat(descriptor)
                if stat.S_ISSOCK(status.st_mode):
                    found[status.st_ino] = descriptor
    return found


def _ends(descriptor: int) -> str:
    """Describe what a leftover socket connects, to help find the code that left it."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as left:
            told = f"{left.family.name} {left.type.name} {left.getsockname()}"
            return f"{told} to {left.getpeername()}"
    except OSError as error:
        return f"{error}"
