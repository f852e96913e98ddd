"""A process is killed in the middle of a donation: the next process thanks for it, once."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from nodes.chat._chzzk.wire import kst
from tests.e2e.show import copy_of_the_project, free_port

LIMIT_S = 60.0
pytestmark = pytest.mark.timeout(150)


def donation(number):
    payload = {
        "donationType": "CHAT",
        "channelId": "c" * 32,
        "donatorChannelId": f"{number:032x}",
        "donatorNickname": f"후원자{number}",
        "payAmount": "1000",
        "donationText": f"초코야 {number}번째 응원이야",
        "emojis": {},
        "eventSentAt": kst(1_800_000_000_000 + number),  # without it, it would be another donation each time it comes
    }
    return {"t": 0.1 * number, "event": "DONATION", "payload": json.dumps(payload, ensure_ascii=False)}


def show(folder):
    """Copy the project; its demo graph plays the recording once."""
    root = copy_of_the_project(folder)
    demo = root / "graphs" / "demo.yaml"
    demo.write_text(demo.read_text(encoding="utf-8").replace("loop: true", "loop: false"), encoding="utf-8")
    return root


class Process:
    """Runs the command on the demo graph, in a copy of the project."""

    def __init__(self, root, *events, graph="graphs/demo.yaml"):
        recording = root / "recording.jsonl"
        recording.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
        self.report_file = root / "report.json"
        self.report_file.unlink(missing_ok=True)
        self.log = root / "log.txt"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.open = build_opener(ProxyHandler({})).open
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "aischoco.py", "run", graph, "--no-open", "--report", str(self.report_file)],
                cwd=root,
                env={
                    **os.environ,
                    "CHAT_RECORDING": str(recording),
                    "TTS_OUTPUT_DEVICE": "none",
                    "OVERLAY_PORT": str(port),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)

    def get(self, path):
        try:
            with self.open(self.url + path, timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return None

    def until(self, true):
        end = time.monotonic() + LIMIT_S
        while not (found := true()):
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < end, self.log.read_text(encoding="utf-8")
            time.sleep(0.02)
        return found

    def post(self, path, said):
        with self.open(self.url + "/", timeout=5) as page:
            token = re.search(r'aischoco-token" content="([^"]+)"', page.read().decode())[1]
        headers = {"X-Token": token, "Content-Type": "application/json"}
        request = Request(self.url + path, json.dumps(said).encode(), headers)
        with self.open(request, timeout=5) as answer:
            return json.load(answer)

    def counts(self):
        return (self.get("/api/graph") or {}).get("viewer_events")

    def report(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return json.loads(self.report_file.read_text(encoding="utf-8"))


@pytest.mark.component
@pytest.mark.alone
@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
def test_a_donation_in_whose_thanks_the_process_was_killed_is_thanked_once_by_the_next(tmp_path):
    root = show(tmp_path)
    journal = root / "history" / "journal" / "demo.jsonl"

    with Process(root, donation(1), donation(2)) as first:
        first.until(lambda: ((first.get("/api/state") or {}).get("caption") or {}).get("text"))
        counts = first.until(first.counts)
        assert (counts["in"], counts["answered"]) == (2, 0)
        first.process.kill()
        first.process.wait(10)
    paid = [json.loads(line)["event"]["id"] for line in journal.read_bytes().splitlines()]
    assert len(paid) == 2

    # the chat service delivers the second one again
    with Process(root, donation(2)) as second:
        second.until(lambda: (second.counts() or {}).get("answered") == 2)
        second.until(lambda: second.counts()["repeated"])
        report = second.report()
    assert report["viewer_events"]["in"] == 2
    thanked = [event_id for turn in report["turns"] for event_id in turn["batch"]]
    assert sorted(thanked) == sorted(paid)
    assert all(turn["lane"] == "donation" and turn["marks"]["ended"] is not None for turn in report["turns"])

    with Process(root) as third:
        third.until(third.counts)
        time.sleep(1.0)
        report = third.report()
    assert report["viewer_events"]["in"] == 0
    assert report["turns"] == []
    assert journal.read_bytes() == b""


@pytest.mark.component
@pytest.mark.alone
@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
def test_after_a_switch_of_graphs_and_a_kill_the_graph_that_was_on_air_thanks_once(tmp_path):
    root = show(tmp_path)
    demo = (root / "graphs" / "demo.yaml").read_text(encoding="utf-8")
    (root / "graphs" / "other.yaml").write_text(demo.replace("name: demo", "name: other"), encoding="utf-8")
    journals = root / "history" / "journal"

    with Process(root, donation(1)) as first:
        first.until(lambda: ((first.get("/api/state") or {}).get("caption") or {}).get("text"))
        first.post("/api/reload", {"file": "graphs/other.yaml"})
        first.until(lambda: (first.get("/api/graph") or {}).get("name") == "other")
        assert first.counts()["answered"] == 0
        first.process.kill()
        first.process.wait(10)
    (paid,) = [json.loads(line)["event"]["id"] for line in (journals / "demo.jsonl").read_bytes().splitlines()]

    with Process(root, graph="graphs/other.yaml") as second:
        second.until(lambda: (second.counts() or {}).get("answered") == 1)
        report = second.report()
    assert [event_id for turn in report["turns"] for event_id in turn["batch"]] == [paid]
    assert (journals / "demo.jsonl").read_bytes() == b""
    assert b"done" in (journals / "other.jsonl").read_bytes().splitlines()[-1]
