"""graphs/engine/offline/recording.py: a recorded chat is read line by line and given out at its times."""

import json
from math import inf

import pytest

from graphs.engine.offline.recording import Read, Recording
from schemas.chat import RawPayload

LINES = [(0.5, RawPayload(event="CHAT", payload="a")), (2.0, RawPayload(event="CHAT", payload="b"))]


class Slept:
    """``Clock`` and the sleep of ``Jobs``: sleeping moves the clock."""

    def __init__(self):
        self.at = 0.0

    def now(self):
        return self.at

    async def sleep(self, seconds):
        self.at += seconds


def test_lines_that_are_no_events_are_counted_and_time_does_not_go_back(tmp_path):
    file = tmp_path / "r.jsonl"
    good = {"t": 1.0, "event": "CHAT", "payload": "x"}
    bad = ["{", "3", '{"t": true, "event": "CHAT", "payload": ""}', '{"t": 1, "event": 3, "payload": ""}']
    file.write_text("\n".join([json.dumps({**good, "t": 2.0}), "", *bad, json.dumps(good)]), encoding="utf-8")
    read = Read(file)
    assert [at for at, _ in read] == [2.0, 2.0]
    assert read.broken == 4


@pytest.mark.asyncio
async def test_payloads_come_at_their_times_and_whoever_follows_goes_on():
    time = Slept()
    recording = Recording(LINES, first_at=10.0)
    first = recording.play(time, time)
    assert (await anext(first)).payload == "a"
    assert (time.at, recording.playing, recording.ended) == (10.5, True, False)
    await first.aclose()
    assert not recording.playing
    assert [event.payload async for event in recording.play(time, time)] == ["b"]
    assert (time.at, recording.ended) == (12.0, True)


@pytest.mark.parametrize("at", [-1, 1e9, 10**400, inf, "1", None, True])
def test_a_time_that_is_none_makes_a_line_unreadable(tmp_path, at):
    file = tmp_path / "r.jsonl"
    file.write_text(json.dumps({"t": at, "event": "CHAT", "payload": "x"}), encoding="utf-8")
    read = Read(file)
    assert list(read) == []
    assert read.broken == 1
