"""A real run whose files are edited by hand: a good edit goes on air within 300 ms, a broken one does not."""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
GRAPH = """\
name: edited
nodes:
  replay: {type: chat.replay, file: chat.jsonl, loop: true}
  parse: {type: chat.parse, in: replay}
  batch: {type: chat.batch, in: parse, quiet_s: 0.1, max_wait_s: 0.2}
  reply: {type: reply.canned, in: batch, replies: config/replies.yaml}
  split: {type: reply.split, in: reply}
  overlay: {type: overlay.web, chat: parse, reply: split.sentence}
"""
LONGER = GRAPH.replace("quiet_s: 0.1", "quiet_s: 0.15")
FILTERED = LONGER.replace(
    "  batch: {type: chat.batch, in: parse",
    "  filter: {type: chat.filter, in: parse, per_user: 1000}\n  batch: {type: chat.batch, in: filter",
)
BROKEN = FILTERED.replace("in: split.sentence", "").replace("in: reply}", "in: reply")
FEWER = FILTERED.replace("max_wait_s: 0.2", "max_wait_s: 0.2, names: [모카]")
REPLIES = "".join(
    f"- {{name: {kind}, when: {{kind: {kind}}}, emotion: neutral, lines: [처음 대답이에요.]}}\n"
    for kind in ("chat", "donation", "subscription")
)


def truncate_and_write(file, text):
    file.write_text(text, encoding="utf-8")


def rename_over(file, text):
    temporary = file.with_name(f"{file.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)


def like_vim(file, text):
    backup = file.with_name(f"{file.name}~")
    file.rename(backup)
    file.write_text(text, encoding="utf-8")
    backup.unlink()


class Run:
    """Runs the command in a project folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copy(ROOT / "aischoco.py", folder)
        for name in ("graphs", "nodes", "schemas", "assets"):
            (folder / name).symlink_to(ROOT / name)
        self.graph = folder / "edited.yaml"
        self.graph.write_text(GRAPH, encoding="utf-8")
        self.replies = folder / "config" / "replies.yaml"
        self.replies.parent.mkdir()
        self.replies.write_text(REPLIES, encoding="utf-8")
        with (folder / "chat.jsonl").open("w", encoding="utf-8") as recording:
            for number in range(200):
                recording.write(json.dumps({"t": number * 0.05, "event": "CHAT", "payload": payload(number)}) + "\n")
        self.port = free_port()
        self.log = folder / "log.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "aischoco.py", "edited.yaml", "--no-open", "--for", "60"],
                cwd=folder,
                env={**os.environ, "OVERLAY_PORT": str(self.port), "PYTHONUNBUFFERED": "1"},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self.open = build_opener(ProxyHandler({})).open
        self.took = []

    def text(self, path, **fields):
        request = Request(f"http://127.0.0.1:{self.port}{path}", **fields)
        with self.open(request, timeout=5) as answer:
            return answer.read().decode()

    def get(self, path):
        return json.loads(self.text(path))

    def undo(self):
        token = re.search(r'aischoco-token" content="([^"]+)"', self.text("/"))[1]
        headers = {"X-Token": token, "Content-Type": "application/json"}
        return json.loads(self.text("/api/reload", data=b'{"undo": true}', headers=headers, method="POST"))

    def wait(self, true, what, limit_s=5.0):
        """Wait until something is true, and return the seconds that it took."""
        start = time.monotonic()
        while not true():
            assert time.monotonic() - start < limit_s, f"not within {limit_s} s: {what}\n{self.log.read_text()}"
            time.sleep(0.005)
        return time.monotonic() - start

    def started(self):
        try:
            return self.get("/health")["ok"]
        except OSError:
            return False

    def save(self, how, text, generation):
        how(self.graph, text)
        self.took.append(self.wait(lambda: self.get("/api/reload")["generation"] == generation, "reload"))

    def flows(self):
        """Check that the show goes on: a new line comes."""
        seen = self.get("/api/state")["viewer_messages"][-1]["ts"]
        self.wait(lambda: self.get("/api/state")["viewer_messages"][-1]["ts"] > seen, "another line of chat")


def payload(number):
    return json.dumps(
        {
            "channelId": "c" * 32,
            "senderChannelId": f"{number:032x}",
            "profile": {"nickname": f"시청자{number}", "badges": [], "verifiedMark": False},
            "content": f"안녕하세요 {number}번째예요",
            "emojis": {},
            "messageTime": 1_700_000_000_000 + number,
            "userRoleCode": "common_user",
        },
        ensure_ascii=False,
    )


@pytest.fixture
def run(tmp_path):
    one = Run(tmp_path)
    yield one
    one.process.kill()
    one.process.wait()


@pytest.mark.component
@pytest.mark.alone
def test_what_is_saved_goes_on_air_within_300_ms_and_what_is_broken_does_not(run):
    run.wait(run.started, "start", 30.0)
    run.wait(lambda: run.get("/api/state")["assistant_messages"], "an answer")
    run.save(truncate_and_write, LONGER, 2)
    assert run.get("/api/reload")["last"]["summary"] == "batch: quiet_s 0.1 -> 0.15 (켜진 채로)"
    run.save(rename_over, FILTERED, 3)
    run.flows()

    truncate_and_write(run.graph, BROKEN)
    run.wait(lambda: not run.get("/api/reload")["ok"], "the problem")
    status = run.get("/api/reload")
    assert status["generation"] == 3
    assert status["problems"][0]["file"] == "edited.yaml"
    assert status["problems"][0]["line"] in (8, 9)
    run.flows()
    rename_over(run.graph, FILTERED)
    run.wait(lambda: run.get("/api/reload")["ok"], "no problem")
    assert run.get("/api/reload")["generation"] == 3

    run.save(like_vim, FEWER, 4)
    run.save(rename_over, LONGER, 5)
    run.save(truncate_and_write, GRAPH, 6)
    assert run.undo().items() >= {"accepted": True, "generation": 6}.items()
    run.wait(lambda: run.get("/api/reload")["generation"] == 7, "undo")
    run.flows()

    def told(text):
        return any(text in said["message"] for said in run.get("/api/state")["assistant_messages"])

    rename_over(run.replies, REPLIES.replace("처음", "새로운"))
    answered = run.wait(lambda: told("새로운"), "the new answer")
    truncate_and_write(run.replies, "- [")
    run.wait(lambda: not run.get("/api/reload")["ok"], "the problem of the answers")
    assert run.get("/api/reload")["problems"][0]["file"] == "config/replies.yaml"
    run.flows()
    truncate_and_write(run.replies, REPLIES)
    run.wait(lambda: run.get("/api/reload")["ok"], "good answers")

    run.process.terminate()
    assert run.process.wait(5) == 0
    log = run.log.read_text(encoding="utf-8")
    assert "edited.yaml:" in log
    assert "config/replies.yaml:1: " in log
    assert "failed" not in log
    print(
        "save -> on air:", ", ".join(f"{took * 1000:.0f}" for took in run.took), f"ms; answer {answered * 1000:.0f} ms"
    )
    assert statistics.median(run.took) < 0.3
    assert max(run.took) < 0.6, "a busy machine may be late, but not by so much"
