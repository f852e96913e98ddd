"""A fleet on a Ray cluster of two nodes, one of which is killed. Needs ``pip install -r requirements-fleet.txt``."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness import ROOT
from tests.ports import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="Ray makes clusters on Linux only"),
]
SHOWS = 6
LOCAL = ("--node-ip-address=127.0.0.1",)
OPEN = {"RAY_AUTH_MODE": "disabled"}
"""No authentication, because the cluster is on loopback and lives for a minute."""


class Node:
    """``ray start --block`` and all that it starts, in a process group of its own."""

    def __init__(self, folder: Path, name: str, *words: str) -> None:
        ray = Path(sys.executable).with_name("ray")
        self._log = (folder / f"{name}.log").open("wb")
        self.process = subprocess.Popen(
            [
                str(ray),
                "start",
                "--block",
                "--num-cpus=2",
                "--disable-usage-stats",
                "--node-ip-address=127.0.0.1",
                *words,
            ],
            cwd=ROOT,
            env={**os.environ, **OPEN, "RAY_TMPDIR": str(folder)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def started(self) -> bool:
        return b"Ray runtime started" in Path(self._log.name).read_bytes()

    def kill(self) -> None:
        """Kill it as if its machine failed: Ray's workers are in groups of their own and would live on for seconds."""
        if self.process.poll() is None:
            for pid in [*_below(self.process.pid), self.process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait(20)
        self._log.close()


def of(folder: Path) -> list[int]:
    """Return the processes of the cluster of this folder, which may have groups of their own."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                mine = f"RAY_TMPDIR={folder}".encode() in (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if mine:
                found.append(int(entry.name))
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make a folder with a short path, because the path of a socket has at most 107 characters."""
    path = Path("/tmp") / f"fleet{os.getpid()}"
    path.mkdir()
    yield path
    for pid in of(path):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(path, ignore_errors=True)


def project(folder: Path) -> Path:
    """Copy the demo without its CPU voice, because six of them would need more than a small machine has."""
    root = folder / "project"
    root.mkdir()
    shutil.copy(ROOT / "aischoco.py", root)
    (root / "assets").symlink_to(ROOT / "assets")
    for name in ("config", "graphs", "nodes", "schemas"):
        shutil.copytree(ROOT / name, root / name)
    demo = (root / "graphs" / "demo.yaml").read_text(encoding="utf-8")
    assert "type: speech.kokoro" in demo
    quiet = demo.replace("type: speech.kokoro", "type: speech.http").partition("\ntests:")[0]
    (root / "graphs" / "demo.yaml").write_text(quiet, encoding="utf-8")
    lines = ["pack: 2", "port: 0", "shows:"]
    for number in range(SHOWS):
        env = f"TTS_OUTPUT_DEVICE: none, STAGE_PORT: {free_port()}, CHAT_RECORDING: assets/recordings/demo.jsonl"
        lines.append(f"  show{number}: {{graph: graphs/demo.yaml, cpus: 0.25, env: {{{env}}}}}")
    (root / "config-fleet.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def until(look: Callable[[], Any], within_s: float, what: str) -> tuple[Any, float]:
    """Wait until ``look`` returns something true; return that, and after how many seconds."""
    begun = time.monotonic()
    while time.monotonic() - begun < within_s:
        found = look()
        if found:
            return found, time.monotonic() - begun
        time.sleep(0.25)
    raise AssertionError(what)


def test_six_shows_run_on_two_nodes_and_those_of_a_lost_node_are_back_on_the_other(folder: Path) -> None:
    pytest.importorskip("ray")
    root = project(folder)
    port = free_port()
    nodes = [Node(folder, "head", "--head", f"--port={port}", "--include-dashboard=false")]
    driver: subprocess.Popen[str] | None = None
    try:
        _, head_s = until(nodes[0].started, 90, "the head did not start")
        nodes.append(Node(folder, "worker", f"--address=127.0.0.1:{port}"))
        _, worker_s = until(nodes[1].started, 90, "the worker did not start")
        driver = subprocess.Popen(
            [sys.executable, "aischoco.py", "fleet", "config-fleet.yaml"],
            cwd=root,
            env={
                **os.environ,
                "RAY_AUTH_MODE": "disabled",
                "RAY_TMPDIR": str(folder),
                "RAY_ADDRESS": f"127.0.0.1:{port}",
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        assert driver.stdout is not None
        url = ""
        for line in driver.stdout:
            print(line, end="")
            if line.startswith("함대: "):
                url = line.split()[1]
                break

        def lines() -> list[dict[str, Any]]:
            with urllib.request.urlopen(f"{url}api/fleet", timeout=10) as answer:
                return json.load(answer)

        def on_air() -> list[dict[str, Any]] | None:
            told = lines()
            return told if all(line["state"] == "on air" and line["answered"] for line in told) else None

        before, start_s = until(on_air, 240, "not all shows came on air")
        assert len(before) == SHOWS
        by_node: dict[str, set[int]] = {}
        for line in before:
            by_node.setdefault(line["node"], set()).add(line["pid"])
        assert len(by_node) == 2, by_node
        print("placed", by_node)
        worker = _below(nodes[1].process.pid)
        lost = {line["show"] for line in before if line["pid"] in worker}
        assert 0 < len(lost) < SHOWS
        nodes[1].kill()

        def back() -> list[dict[str, Any]] | None:
            told = on_air()
            return told if told and all(line["pid"] not in worker for line in told) else None

        after, back_s = until(back, 240, "the shows of the lost node are not back")
        for old, new in zip(before, after, strict=True):
            if old["show"] in lost:
                assert (new["moves"], new["node"] != old["node"]) == (1, True)
            else:
                assert (new["pid"], new["starts"], new["moves"]) == (old["pid"], 1, 0)
                assert new["seconds"] > old["seconds"]
        print(f"head {head_s:.1f} s, worker {worker_s:.1f} s, six shows on air {start_s:.1f} s")
        print(f"{len(lost)} shows of the lost node back after {back_s:.1f} s")
        driver.send_signal(signal.SIGINT)
        assert driver.wait(60) == 0
    finally:
        if driver is not None:
            driver.kill()
            driver.communicate()
        for node in nodes:
            node.kill()


def _below(pid: int) -> set[int]:
    """Return the processes that a process started, and those that they started."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}
