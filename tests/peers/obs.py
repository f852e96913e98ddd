"""Runs a private OBS on a display without a screen, with its websocket; what it keeps lies in a folder of the test."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tests.ports import free_port

NEEDED = ("obs", "Xvfb")
PASSWORD = "testpass1"
STARTED_S = 90.0
SETTINGS = """\
[General]
FirstRun=true

[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort={port}
AlertsEnabled=false
AuthRequired=true
ServerPassword={password}
"""


class RealObs(NamedTuple):
    port: int
    log: Path


def there() -> bool:
    return all(shutil.which(name) for name in NEEDED)


@contextmanager
def running(folder: Path) -> Generator[RealObs]:
    """Start OBS, and wait until its websocket listens."""
    port, log = free_port(), folder / "obs.log"
    settings = folder / ".config" / "obs-studio" / "global.ini"
    settings.parent.mkdir(parents=True)
    settings.write_text(SETTINGS.format(port=port, password=PASSWORD), encoding="utf-8")
    with log.open("wb") as out, _display(out) as display:
        env = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
        env |= {"QT_QPA_PLATFORM": "xcb", "XDG_CONFIG_HOME": str(folder / ".config")}
        options = ["--multi", "--minimize-to-tray", "--disable-updater", "--websocket_port", str(port)]
        obs = subprocess.Popen(
            ["obs", *options, "--websocket_password", PASSWORD], env={**os.environ, **env}, stdout=out, stderr=out
        )
        try:
            _wait_for(port, obs)
            yield RealObs(port, log)
        finally:
            _end(obs)


@contextmanager
def _display(out: BinaryIO) -> Generator[str]:
    readable, writable = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(writable,),
        stdout=out,
        stderr=out,
    )
    os.close(writable)
    try:
        with os.fdopen(readable) as told:
            number = told.readline().strip()
        yield f":{number}"
    finally:
        _end(server)


def _wait_for(port: int, obs: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + STARTED_S
    while time.monotonic() < end:
        assert obs.poll() is None, "OBS ended before its websocket listened"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.2)
    raise AssertionError(f"the websocket of OBS does not listen after {STARTED_S:g} s")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
