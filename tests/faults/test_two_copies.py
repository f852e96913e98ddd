"""Two shows in one folder: each thanks its own donations, whatever becomes of either process."""

import json
import os
import random
import signal
import sys
import time

import pytest

from tests.e2e.show import Program, copy_of_the_project
from tests.faults.test_kill import donation
from tests.ports import free_port

KILLS = int(os.environ.get("TWO_COPIES_KILLS", "5"))
DONATIONS = int(os.environ.get("TWO_COPIES_DONATIONS", "60"))
"""To each show. 40 kills and 200 donations take about 5 minutes."""
LIMIT_S = 180.0
GRAPH = """
name: two
nodes:
  chat: {type: chat.replay, file: "${CHAT_RECORDING}"}
  parse: {type: chat.parse, in: chat}
  batch: {type: chat.batch, in: parse, quiet_s: 0, max_wait_s: 0, max_items: 1}
  reply: {type: reply.canned, in: batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: reply}
  overlay: {type: overlay.web, chat: parse, batch: batch, saved: history/overlay.json, reply: split.sentence}
"""


class Copy:
    """One of the programs. Each donation is delivered to it until its journal has it, and then never again."""

    def __init__(self, root, number):
        self.root, self.name = root, f"copy{number}"
        self.to_come = {f"{giver:032x}": giver for giver in range(1000 * number, 1000 * number + DONATIONS)}
        self.port = free_port()
        self.told = ""
        self.folder = root / "history"

    @property
    def journal(self):
        return self.folder / "journal" / "two.jsonl"

    def start(self):
        recording = self.root / f"{self.name}.jsonl"
        events = [donation(giver) | {"t": 0.1 * number} for number, giver in enumerate(self.to_come.values())]
        recording.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
        env = {"CHAT_RECORDING": str(recording)}
        self.program = Program(self.root, "graphs/two.yaml", env=env, name=self.name, port=self.port)

    def until(self, true):
        self.program.until(true, LIMIT_S)

    def kill(self):
        self.program.__exit__()
        self.told += self.program.log
        for fields in self.lines():
            if "event" in fields:
                self.to_come.pop(fields["event"]["author_id"], None)

    def lines(self):
        text = self.journal.read_bytes() if self.journal.exists() else b""
        return [json.loads(line) for line in text.splitlines() if line.endswith(b"}")]

    def waiting(self):
        """Givers who are not thanked yet, as the journal has it."""
        found = {fields["event"]["id"]: fields["event"]["author_id"] for fields in self.lines() if "event" in fields}
        for fields in self.lines():
            found.pop(fields.get("done"), None)
        return set(found.values())

    def counts(self):
        return (self.program.get("/api/graph") or {}).get("viewer_events", {"in": -1, "waiting": -1})

    def end(self):
        self.program.signal(signal.SIGTERM)
        self.told += self.program.log
        return self.program.report


@pytest.mark.component
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
def test_two_shows_in_one_folder_thank_only_their_own_donations_each_once_through_kills_at_any_moment(tmp_path):
    root = copy_of_the_project(tmp_path)
    (root / "graphs" / "two.yaml").write_text(GRAPH, encoding="utf-8")
    chance = random.Random(7)
    first, second = shows = [Copy(root, 1), Copy(root, 2)]
    begun = time.monotonic()
    first.start()
    first.until(first.journal.exists)
    start_s = min(time.monotonic() - begun, 10.0)  # a slow machine is not killed in its start each time
    second.folder = root / "history" / f"at-{second.port}"
    second.start()
    second.until(second.journal.exists)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.1, 2.5) * start_s)
        chance.shuffle(shows)
        for each in shows:
            each.kill()
        left = {each.name: each.waiting() | set(each.to_come) for each in shows}
        for each in shows:
            each.start()
    for show in (first, second):
        due = left[show.name]
        show.until(lambda show=show, due=due: (show.counts()["in"], show.counts()["waiting"]) == (len(due), 0))
        report = show.end()
        assert report["viewer_events"]["answered"] == len(due)
        assert sum(len(turn["batch"]) for turn in report["turns"]) == len(due)
        said = " ".join(turn["text"] for turn in report["turns"])
        assert not due or "후원자" in said
        assert not any(f"후원자{giver}님" in said for giver in range(1000, 3000) if f"{giver:032x}" not in due)
        assert show.waiting() == set()
    assert f"history/{second.folder.name}" in second.told
    assert "history/at-" not in first.told
