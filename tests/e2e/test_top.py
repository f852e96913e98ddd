"""``aischoco.py top`` beside a running demonstration."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.show import Show
from tests.harness import ROOT
from tests.ports import free_port

pytestmark = [pytest.mark.component]


def top(port: int, language: str = "ko") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "aischoco.py", "top", "--once"],
        cwd=ROOT,
        env={
            **os.environ,
            "OVERLAY_PORT": str(port),
            "AISCHOCO_LANG": language,
            "PYTHONUTF8": "1",
            "COLUMNS": "120",
            "HTTP_PROXY": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_one_frame_of_a_running_demonstration(tmp_path: Path) -> None:
    with Show(tmp_path) as show:
        show.until(show.speaks, 60)
        done = top(int(show.url.rpartition(":")[2]), "en")
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        for node in show.get("/api/graph")["nodes"]:
            assert re.search(rf"^{node['name']} +{re.escape(node['type'])} +\w+ +\d+ +\d+", done.stdout, re.MULTILINE)
        account = re.search(r"received (\d+) = answered (\d+) \+ waiting (\d+) \+ dropped (\d+)", done.stdout)
        assert account, done.stdout
        came, *rest = map(int, account.groups())
        assert came == sum(rest) > 0
        assert re.search(r"Chat to voice p50 [\d.]+ m?s  p95 [\d.]+ m?s  \(\d+ turns\)", done.stdout)
        assert "filter.out -> batch.chat" in done.stdout


def test_where_nothing_runs_it_says_so_and_ends() -> None:
    done = top(free_port())
    assert done.returncode == 1
    assert "에 켜진 것이 없어요" in done.stdout
    assert done.stderr == ""
