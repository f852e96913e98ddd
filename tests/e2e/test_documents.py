"""Every command of the READMEs, typed into a fresh copy of the project that has no account, no key and no device."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.show import Show, copy_of_the_project, free_port
from tests.harness import ROOT

pytestmark = [pytest.mark.component, pytest.mark.timeout(240)]

NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there: nothing of this leaves the machine."""
ANSWERS = "\n\n\n\n2\n"
"""To the five questions: as proposed, with the built-in avatar."""

READY = {
    "check graphs/demo.yaml": "graphs/demo.yaml: ok",
    "show graphs/demo.yaml": "flowchart",
    "nodes": "chat.batch",
    "nodes chat.batch": "only_mentions",
    "test graphs/live.yaml": "passed",
    "fleet config/fleet.yaml --plan": "cpus",
    "rehearse graphs/my.yaml --fast --minutes 1": "answered",
    "rehearse graphs/live.yaml --fast --minutes 1": "answered",
    "replay assets/recordings/demo.jsonl graphs/my.yaml --compare graphs/silent.yaml": "answered",
}
"""Commands that work at once -> a word of what they print."""
LACKING = {
    "login": "CHZZK_CLIENT_ID",
    "devices": "auto|page",
    "doctor graphs/live.yaml": "login",
    "doctor graphs/my.yaml": "login",
    "eval emotion": "GROQ_API_KEY",
    "voice check": "assets/voice_samples",
    "voice pull": "requirements-gpu.txt|connection",
    "serve-tts --voice qwen --host 0.0.0.0 --token LONG": "requirements-gpu.txt",
}
"""Commands that need something first (``devices``: a device) -> what they say of it."""
RUN = {"graphs/my.yaml", "graphs/silent.yaml", "record", "top", "bus", "run"}
"""Words that the tests of a running show below try, and those of the bus in tests/nodes/bus and tests/peers."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_of_the_project(tmp_path_factory.mktemp("documents"))
    done = typed(root, "init", ANSWERS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "graphs" / "my.yaml").is_file()
    assert (root / ".env").is_file()
    return root


def environment(**more: str) -> dict[str, str]:
    lent = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMPDIR") if name in os.environ}
    addresses = dict.fromkeys(("CHZZK_API_URL", "CHZZK_AUTH_URL", "HF_ENDPOINT"), NOWHERE)
    return {**lent, **addresses, "PYTHONUTF8": "1", "COLUMNS": "200", "OVERLAY_PORT": str(free_port()), **more}


def typed(root: Path, line: str, answers: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "aischoco.py", *line.split()],
        cwd=root,
        env=environment(**more),
        input=answers,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("line", READY)
def test_a_command_that_needs_nothing_works_at_once(project: Path, line: str) -> None:
    done = typed(project, line)
    assert done.returncode == 0, done.stdout + done.stderr
    assert READY[line] in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("line", LACKING)
def test_a_command_that_needs_something_first_says_what(project: Path, line: str) -> None:
    done = typed(project, line)
    assert done.returncode in ((0, 1) if line == "devices" else (1, 2)), done.stdout + done.stderr
    assert re.search(LACKING[line], done.stdout + done.stderr)
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("graph", ["my", "silent"])
def test_a_live_graph_runs_without_a_login_and_says_what_is_missing(tmp_path: Path, graph: str) -> None:
    def init(root: Path) -> None:
        assert typed(root, "init", ANSWERS).returncode == 0

    with Show(tmp_path, f"graphs/{graph}.yaml", env={"CHZZK_API_URL": NOWHERE}, prepare=init) as show:
        show.until(lambda: show.get("/api/graph"), 60)
        show.until(lambda: "login" in show.log, 30)
        assert show.signal(signal.SIGINT) < 10
        assert show.process.returncode == 0, show.log


def test_a_running_show_is_recorded_watched_and_replayed(tmp_path: Path) -> None:
    with Show(tmp_path) as show:
        show.until(show.speaks, 60)
        port = show.url.rpartition(":")[2]
        recorded = typed(show.root, "record parse.chat show.jsonl --mask-names --max-minutes 0.1", OVERLAY_PORT=port)
        assert recorded.returncode == 0, recorded.stdout + recorded.stderr
        lines = (show.root / "show.jsonl").read_text(encoding="utf-8").splitlines()
        assert lines
        watched = typed(show.root, "top --once", OVERLAY_PORT=port)
        assert "filter" in watched.stdout
    assert typed(show.root, "init", ANSWERS).returncode == 0
    begun = time.monotonic()
    replayed = typed(show.root, "replay show.jsonl graphs/my.yaml --compare graphs/live.yaml")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert f"받음 {len(lines)}, 대답 " in replayed.stdout
    assert "lines not read" not in replayed.stdout
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_no_command_of_a_readme_is_left_untried(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    tried = {line.partition(" --")[0] for line in (*READY, *LACKING)} | RUN | {"init"}
    first = {line.split()[0] for line in tried}
    shown = set(re.findall(r"python aischoco\.py ([a-z][^`\n|]*)", text))
    assert len(shown) > 10
    for line in shown:
        words = line.split()
        assert words[0] in first or f"{words[0]} {words[1]}" in tried, f"{line} is in {name}, and no test types it"
