import asyncio
import json
from dataclasses import replace
from types import SimpleNamespace

from graphs.engine.books.turns import MARKS
from graphs.engine.flow.runtime import Runtime
from graphs.engine.observe import report as module
from graphs.engine.observe.report import Memory, report
from tests.graphs.engine.stage import graph_of, play
from tests.harness import on_virtual_time

SHOW = {
    "source": "chat.count",
    "filter": "chat.refuse",
    "batch": "chat.single",
    "voice": ("audio.say", {"work_s": 0.2}),
}
WIRES = ("source -> filter", "filter -> batch", "batch -> voice", "voice.speaking -> batch.speaking")


class FakeProcess:
    """Whose memory grows to a peak and shrinks again."""

    def __init__(self, *megabytes):
        self.left = list(megabytes)

    def memory_info(self):
        return SimpleNamespace(rss=1e6 * (self.left.pop(0) if len(self.left) > 1 else self.left[0]))


def test_a_report_has_the_counts_the_turns_and_what_each_part_did():
    said = report(play(graph_of(SHOW, *WIRES), Runtime.idle), Memory())
    assert json.loads(json.dumps(said)) == said
    assert said["graph"] == "sample"
    assert said["seconds"] > 1
    assert said["viewer_events"] == {
        "in": 10,
        "answered": 5,
        "thanked": 0,
        "waiting": 0,
        "dropped": {"duplicate": 5},
        "malformed": {},
        "repeated": 0,
    }
    assert said["errors"] == []
    first = said["turns"][0]
    assert (first["id"], first["lane"], first["batch"]) == ("t-0", "chat", ["0"])
    assert tuple(first["marks"]) == MARKS
    assert first["marks"]["first_pcm"] is None
    assert (first["marks"]["first_sound"], first["marks"]["ended"]) == (0.1, 0.3)
    took = {"p50": 0.0, "p95": 0.0, "budget_s": None, "over": None, "over_share": None}
    assert said["voice_s"] == {"turns": 5, **took}
    assert said["nodes"]["filter"] == {"events_in": 10, "events_out": 5, "errors": 0, "restarts": 0}
    assert set(said["edges"]) == {
        "source.out -> filter.chat",
        "filter.out -> batch.chat",
        "batch.out -> voice.batch",
        "voice.speaking -> batch.speaking",
    }
    edge = said["edges"]["source.out -> filter.chat"]
    assert (edge["count"], edge["dropped"]) == (10, {})
    assert set(said["rss_mb"]) == {"start", "end", "max"}


def test_turns_over_the_budget_of_the_graph_are_counted():
    slow = graph_of(
        {**SHOW, "source": ("chat.count", {"every_s": 0.01}), "voice": ("audio.say", {"work_s": 1.0})}, *WIRES
    )
    voice = report(play(replace(slow, budget_s=2.5), Runtime.idle), Memory())["voice_s"]
    assert (voice["turns"], voice["budget_s"], voice["over"], voice["over_share"]) == (5, 2.5, 2, 0.4)


def test_a_failure_stands_in_the_report():
    said = report(play(graph_of({**SHOW, "filter": ("chat.pass", {"bad": ("3",)})}, *WIRES), Runtime.idle), Memory())
    assert said["nodes"]["filter"]["errors"] == said["nodes"]["filter"]["restarts"] == 1
    assert said["errors"][0]["error"] == "ValueError: cannot stand 3"
    assert said["viewer_events"]["dropped"] == {"failed": 1}


def test_memory_is_taken_at_the_start_at_the_end_and_at_its_highest(monkeypatch):
    monkeypatch.setattr(module.psutil, "Process", lambda: FakeProcess(100, 150, 250, 120))

    async def story():
        memory = Memory()
        watch = asyncio.ensure_future(memory.watch(every_s=1.0))
        await asyncio.sleep(1.5)
        watch.cancel()
        return memory.report()

    assert on_virtual_time(story()) == {"start": 100.0, "end": 120.0, "max": 250.0}


def test_the_end_may_be_the_highest(monkeypatch):
    monkeypatch.setattr(module.psutil, "Process", lambda: FakeProcess(100, 300))
    assert Memory().report() == {"start": 100.0, "end": 300.0, "max": 300.0}
