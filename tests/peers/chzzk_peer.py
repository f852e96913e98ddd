"""Runs a real socket.io 2.0.3 server on Node that plays CHZZK's session service; see chzzk/server.js."""

import json
import shutil
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "chzzk"
ACCESS_TOKEN = "peer-access-token"
"""Valid until a test makes the peer expire it."""
CLIENT_ID, CLIENT_SECRET = "peer-client", "MARK-peer-client-secret"


def install(folder: Path) -> Path:
    """Install the server and its packages in ``folder``, or skip the test with the reason."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    for name in ("package.json", "server.js"):
        shutil.copy(HERE / name, folder)
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm install took more than 180 s")
    if done.returncode:
        pytest.skip(f"npm install failed: {done.stderr.strip().splitlines()[-1:]}")
    return folder


class Peer:
    """One server, which keeps its port when it is killed and started again."""

    def __init__(self, folder: Path, ping_ms: tuple[int, int] = (25_000, 60_000)) -> None:
        self._folder = folder
        self._ping_ms = ping_ms
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        assert self._process is None
        self._process = subprocess.Popen(
            ["node", "server.js", str(self.port), *map(str, self._ping_ms)],
            cwd=self._folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "listening\n"

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def do(self, what: str, **order: Any) -> dict[str, Any]:
        """Send an order to chzzk/server.js, and return its state."""
        body = json.dumps({"do": what, **order}).encode()
        request = urllib.request.Request(f"{self.url}/control", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)
