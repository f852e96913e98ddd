"""Runs the real command in its own process and in a copy of the project: it writes there and nowhere else."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import wave
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tests.harness import ROOT
from tests.ports import free_port

WRITTEN = ("vts_token.txt", "stage_tokens.json", "*.before*")
PARTS = ("aischoco.py", "assets", "config", "graphs", "nodes", "schemas")
OFFLINE = ("unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "-")
"""Put in front of a command, it hides every network but loopback. Needs root, or user namespaces."""


def offline_is_permitted() -> bool:
    """Return whether this machine lets us cut a process off from the network."""
    try:
        return subprocess.run([*OFFLINE, "true"], capture_output=True, timeout=10, check=False).returncode == 0
    except OSError:
        return False


class Program:
    """``python aischoco.py run --no-open ...`` in a copy of the project, while it runs."""

    def __init__(
        self,
        root: Path,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        name: str = "",
        port: int | None = None,
    ) -> None:
        """Start the command.

        Args:
            root: the copy of the project.
            env: variables beside those of the tests; without those for them it has no sound device and no keyring.
            before: a command to put in front, such as ``OFFLINE``.
            name: tells programs in the same copy apart.
            port: of its pages; any that is free by default.
        """
        self.root = root
        self.report_file = root.parent / f"{name}report.json"
        self.report_file.unlink(missing_ok=True)
        self._log = root.parent / f"{name}log.txt"
        self._port = port or free_port()
        command = [sys.executable, "aischoco.py", "run", "--no-open", "--report", str(self.report_file), *arguments]
        ports = {"OVERLAY_PORT": str(self._port), "STAGE_PORT": str(free_port())}
        quiet = {"TTS_OUTPUT_DEVICE": "none", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        given = {**ports, **quiet, **(env or {})}
        self.begun = time.monotonic()
        with self._log.open("ab") as log:
            self._log_begins = log.tell()
            self.process = subprocess.Popen(
                [*before, *command],
                cwd=self.root,
                env={**os.environ, **given},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        return self._log.read_bytes()[self._log_begins :].decode(errors="replace")

    def get(self, path: str) -> Any:
        """Return the answer of the address, or None while nothing listens there."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return None

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send what a page of the show would send; return the answer."""
        with urllib.request.urlopen(self.url + "/", timeout=5) as page:
            token = re.search(r'aischoco-token" content="([^"]+)"', page.read().decode())
        assert token
        headers = {"X-Token": token[1], "Content-Type": "application/json"}
        asked = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return json.load(answer)

    def until(self, true: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Wait until ``true`` returns something true about the running show, and return it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.log}"
            found = true()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"it did not come to be in {seconds} s:\n{self.log}")

    def speaks(self) -> Any:
        """Return the caption if it is in the middle of a sentence."""
        caption = (self.get("/api/state") or {}).get("caption")
        return caption if caption and not caption["ended"] and 0.1 < caption["fraction"] < 0.9 else None

    def ends(self, seconds: float) -> int:
        """Wait for the end, and return the exit code."""
        return self.process.wait(seconds)

    def signal(self, number: signal.Signals) -> float:
        """Send a signal and wait for the end; return the seconds that it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        return time.monotonic() - begun

    @property
    def report(self) -> Any:
        return json.loads(self.report_file.read_text(encoding="utf-8"))

    @property
    def session(self) -> Path:
        """Folder of this run's recording."""
        (folder,) = (self.root / "history" / "sessions").iterdir()
        return folder


class Show(Program):
    """A ``Program`` in a copy of its own."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        prepare: Callable[[Path], object] = lambda _: None,
    ) -> None:
        """Copy the project and start the command in it; see ``Program``.

        Args:
            folder: where to put the copy of the project.
            prepare: called with the copy before the command starts.
        """
        root = copy_of_the_project(folder)
        prepare(root)
        super().__init__(root, *arguments, env=env, before=before)


def copy_of_the_project(folder: Path) -> Path:
    """Make a new folder with everything that a run reads, without what one has written."""
    root = folder / "project"
    root.mkdir(parents=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            # with its bytecode, if there is any: half of a start
            shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns(*WRITTEN))
        else:
            shutil.copy(ROOT / part, root / part)
    return root


class Sound(NamedTuple):
    """A recording."""

    samples: NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def loudest(self, window_s: float = 0.1) -> float:
        """Return the highest RMS of any window."""
        size = int(window_s * self.rate)
        windows = self.samples[: len(self.samples) // size * size].reshape(-1, size)
        return float(np.sqrt(np.mean(np.square(windows), axis=1)).max())


def read_wav(file: Path) -> Sound:
    with wave.open(str(file), "rb") as wav:
        assert (wav.getnchannels(), wav.getsampwidth()) == (1, 2)
        data = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
        return Sound(data.astype(np.float32) / 32767, wav.getframerate())


class Cue(NamedTuple):
    """One caption, in seconds."""

    begin: float
    end: float
    text: str


def read_srt(file: Path) -> list[Cue]:
    cues: list[Cue] = []
    for number, block in enumerate(file.read_text(encoding="utf-8").split("\n\n")[:-1], 1):
        head, times, text = block.split("\n")
        assert head == str(number)
        begin, end = times.split(" --> ")
        cues.append(Cue(_seconds(begin), _seconds(end), text))
    return cues


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+):(\d\d):(\d\d),(\d{3})", text)
    assert found, text
    hours, minutes, seconds, milliseconds = map(int, found.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


def accounted(counts: Mapping[str, Any]) -> bool:
    """Return whether every viewer event is answered, waiting or dropped with a reason."""
    return counts["in"] == counts["answered"] + counts["waiting"] + sum(counts["dropped"].values())
