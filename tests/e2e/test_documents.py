"""Every command in the READMEs, typed into a fresh copy of the project that has no account, no key and no device."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.show import Show, copy_of_the_project
from tests.harness import ROOT
from tests.ports import free_port
from tests.test_readme import READMES, called

pytestmark = [pytest.mark.component, pytest.mark.timeout(240)]

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there, so nothing leaves this machine."""
ANSWERS = "\n\n\n\n2\n"
"""Answers to the five questions: the defaults, with the built-in avatar."""

READY = {
    "check graphs/demo.yaml": "graphs/demo.yaml: 좋아요",
    "check graphs/my.yaml": "graphs/my.yaml: 좋아요",
    "show graphs/demo.yaml": "flowchart",
    "show graphs/live.yaml": "flowchart",
    "show graphs/my.yaml": "flowchart",
    "nodes": "chat.batch",
    "nodes chat.batch": "only_mentions",
    "nodes --markdown": "| `chat.batch` |",
    "nodes --schema": '"title"',
    "test graphs/live.yaml": "통과",
    "fleet config/fleet.yaml --plan": "cpus",
    "rehearse graphs/my.yaml --fast --minutes 1": "대답",
    "rehearse graphs/live.yaml --fast --minutes 1": "대답",
    "replay assets/recordings/demo.jsonl graphs/my.yaml --compare graphs/silent.yaml": "answered",
}
"""Commands that work right away -> a word of what they print."""
LACKING = {
    "login": "CHZZK_CLIENT_ID",
    "devices": "->|소리 장치",
    "doctor graphs/live.yaml": "login",
    "doctor graphs/my.yaml": "login",
    "eval emotion": "GROQ_API_KEY",
    "voice check": "assets/voice_samples",
    "voice pull": "requirements-gpu.txt|connection",
    "voice pull supertonic": "requirements-supertonic.txt|OpenRAIL-M",
    "listen pull": "requirements-listen.txt|127.0.0.1",
    "bus config/nats.conf": "NATS_CERT",
    "fleet config/fleet.yaml": "requirements-fleet.txt|ray",
    "serve-tts --voice qwen --host 0.0.0.0": "TTS_SERVER_TOKEN",
}
"""Commands that need something first (``devices``: a device) -> what they say about it."""
_HERE = "tests/e2e/test_documents.py"
RUNNING = {
    "init": f"{_HERE}::project",
    "graphs/my.yaml": f"{_HERE}::test_a_live_graph_runs_without_a_login_and_says_what_is_missing",
    "graphs/cohost.yaml": f"{_HERE}::test_a_live_graph_runs_without_a_login_and_says_what_is_missing",
    "graphs/silent.yaml": f"{_HERE}::test_a_live_graph_runs_without_a_login_and_says_what_is_missing",
    "run graphs/two-hosts.yaml --at pc": f"{_HERE}::test_each_place_of_two_runs_without_the_other",
    "run graphs/two-hosts.yaml --at gpu": f"{_HERE}::test_each_place_of_two_runs_without_the_other",
    "record parse.chat show.jsonl": f"{_HERE}::test_a_running_show_is_recorded_watched_and_replayed",
    "replay show.jsonl graphs/my.yaml": f"{_HERE}::test_a_running_show_is_recorded_watched_and_replayed",
    "tune graphs/my.yaml": "tests/graphs/engine/commands/tune/test_tune.py::"
    "test_the_graph_is_changed_when_a_person_agrees_and_the_old_text_is_kept",
    "voice say": "tests/nodes/speech/test_say.py::test_the_real_voice_says_it",
    "top": f"{_HERE}::test_a_running_show_is_recorded_watched_and_replayed",
    "bus": "tests/nodes/bus/test_server.py::test_the_local_bus_starts_stores_and_ends_cleanly",
    "lines FILE": "tests/test_readme.py::test_the_example_command_is_found_and_does_what_it_says",
    "nodes chat.thin": "tests/test_readme.py::test_the_example_node_does_what_it_says",
}
"""Commands for a running show, and for what a reader makes -> the test that types them, or stands in for them."""


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


@pytest.mark.parametrize("graph", ["my", "silent", "cohost"])
def test_a_live_graph_runs_without_a_login_and_says_what_is_missing(tmp_path: Path, graph: str) -> None:
    def init(root: Path) -> None:
        assert typed(root, "init", ANSWERS).returncode == 0

    with Show(tmp_path, f"graphs/{graph}.yaml", env={"CHZZK_API_URL": NOWHERE}, prepare=init) as show:
        show.until(lambda: show.get("/api/graph"), 60)
        show.until(lambda: "login" in show.log, 30)
        assert show.signal(signal.SIGINT) < 10
        assert show.process.returncode == 0, show.log


@pytest.mark.parametrize("place", ["pc", "gpu"])
def test_each_place_of_two_runs_without_the_other(tmp_path: Path, place: str) -> None:
    with Show(
        tmp_path, "graphs/two-hosts.yaml", "--at", place, env={"CHZZK_API_URL": NOWHERE, "AISCHOCO_LANG": "en"}
    ) as show:
        show.until(lambda: f"two-hosts-{place}: running" in show.log, 60)
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
    assert "읽지 못한 줄" not in replayed.stdout
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("name", READMES)
def test_no_command_of_a_readme_is_left_untried(name: str) -> None:
    tried = {short(line) for line in (*READY, *LACKING, *RUNNING)}
    assert {line for line in called(name) if short(line) not in tried} == set(), "no test types it"


@pytest.mark.parametrize("where", sorted(set(RUNNING.values())))
def test_the_tests_that_type_the_other_commands_are_there(where: str) -> None:
    file, _, function = where.partition("::")
    assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8")


def short(line: str) -> str:
    """Return a command without its redirection and without options after its arguments; ``--at`` is kept."""
    words = line.partition(" > ")[0].split()
    end = next((at for at, word in enumerate(words) if word.startswith("--") and word != "--at" and at > 1), len(words))
    return " ".join(words[:end])
