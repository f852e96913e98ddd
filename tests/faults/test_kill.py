"""A process is killed in the middle of a donation: the next process thanks for it, once."""

import json
import signal
import sys
import time

import pytest

from nodes.chat._chzzk.wire import kst
from tests.e2e.show import Program, copy_of_the_project

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


class Process(Program):
    """Runs the command on a graph that plays these events, in a copy of the project."""

    def __init__(self, root, *events, graph="graphs/demo.yaml"):
        recording = root / "recording.jsonl"
        recording.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
        super().__init__(root, graph, env={"CHAT_RECORDING": str(recording)})

    def until(self, true, seconds=LIMIT_S):
        return super().until(true, seconds)

    def counts(self):
        return (self.get("/api/graph") or {}).get("viewer_events")

    def ready_behind_another(self):
        """Return an event whose answer has sound but was not heard yet, because another was or is heard; else None."""
        turns = self.get("/api/turns") or []
        unheard = [
            turn for turn in turns if turn["marks"]["first_pcm"] is not None and not turn["marks"]["first_sound"]
        ]
        return unheard[0]["batch"][0] if unheard and any(turn["marks"]["first_sound"] for turn in turns) else None

    def ended(self):
        """End it, and return its report."""
        self.signal(signal.SIGTERM)
        return self.report


@pytest.mark.component
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
        report = second.ended()
    assert report["viewer_events"]["in"] == 2
    thanked = [event_id for turn in report["turns"] for event_id in turn["batch"]]
    assert sorted(thanked) == sorted(paid)
    assert all(turn["lane"] == "donation" and turn["marks"]["ended"] is not None for turn in report["turns"])

    with Process(root) as third:
        third.until(third.counts)
        time.sleep(1.0)
        report = third.ended()
    assert report["viewer_events"]["in"] == 0
    assert report["turns"] == []
    assert journal.read_bytes() == b""


@pytest.mark.component
@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
def test_a_donation_whose_thanks_were_ready_but_unheard_at_the_kill_is_thanked_once_by_the_next(tmp_path):
    root = show(tmp_path)

    journal = root / "history" / "journal" / "demo.jsonl"

    # One after the other: those that wait together are thanked together.
    with Process(root, *(donation(number) | {"t": 2.0 * number} for number in range(1, 7))) as first:
        ready = first.until(first.ready_behind_another)
        first.process.kill()
        first.process.wait(10)
    kept = [json.loads(line) for line in journal.read_bytes().splitlines() if line.endswith(b"}")]
    due = {line["event"]["id"] for line in kept if "event" in line} - {line.get("done") for line in kept}
    assert ready in due

    with Process(root) as second:
        second.until(lambda: (second.counts() or {}).get("answered") == len(due))
        report = second.ended()
    assert sorted(event_id for turn in report["turns"] for event_id in turn["batch"]) == sorted(due)
    assert all(turn["marks"]["ended"] is not None for turn in report["turns"])

    with Process(root) as third:
        third.until(third.counts)
        time.sleep(1.0)
        report = third.ended()
    assert (report["viewer_events"]["in"], report["turns"]) == (0, [])


@pytest.mark.component
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
        report = second.ended()
    assert [event_id for turn in report["turns"] for event_id in turn["batch"]] == [paid]
    assert (journals / "demo.jsonl").read_bytes() == b""
    assert b"done" in (journals / "other.jsonl").read_bytes().splitlines()[-1]
