"""What an earlier run left comes back; what it died on comes alone, and only what moves counts as under way."""

import asyncio
import json

import pytest

from graphs.engine.books.under_way import read
from graphs.engine.flow import paid
from tests.graphs.engine.books.test_journal import run
from tests.graphs.engine.stage import graph_of

NODES = {
    "a": ("chat.count", {"count": 0}),
    "b": "chat.pass",
    "batch": "chat.single",
    "voice": ("audio.say", {"work_s": 2.0}),
}
WIRES = ("a -> b", "b -> batch", "batch -> voice", "voice.speaking -> batch.speaking")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history" / "journal" / "sample.jsonl"


def left(path, *ids, died=()):
    """Write a journal of an earlier run, which died on some of the events."""
    path.parent.mkdir(parents=True, exist_ok=True)
    events = [{"id": each, "author": "하늘", "amount": 1000} for each in ids]
    found = [{"v": 1, "graph": "sample", "node": "a", "type": "Donation", "event": event} for event in events]
    path.write_text("".join(json.dumps(each) + "\n" for each in found), encoding="utf-8")
    marks = "".join(json.dumps({"begun": each}) + "\n" for each in died)
    path.with_suffix(".under-way").write_text(marks, encoding="utf-8")


def turns(runtime):
    return {turn.batch[0]: turn.marks for turn in runtime.turns.turns.values()}


def test_what_a_run_died_on_comes_after_all_others_and_alone(path):
    left(path, "bad", "good", "worse", "fine", died=("bad", "worse"))

    async def story(runtime):
        assert runtime.ledger.waiting_count == 4, "what is held back waits like all others"
        await asyncio.sleep(30)

    marks = turns(run(path, graph_of(NODES, *WIRES), story))
    assert list(marks) == ["good", "fine", "bad", "worse"]
    assert marks["bad"]["batched"] >= marks["fine"]["ended"] + paid.PAUSE_S
    assert marks["worse"]["batched"] >= marks["bad"]["ended"] + paid.PAUSE_S


def test_what_comes_alone_does_not_wait_for_a_verdict_that_never_comes(path):
    left(path, "bad", "good", died=("bad",))
    mute = {"a": NODES["a"], "b": "chat.pass", "batch": "chat.single"}

    async def story(runtime):
        await asyncio.sleep(paid.PATIENCE_S - 1)
        assert list(turns(runtime)) == ["good"]
        await asyncio.sleep(2)
        assert list(turns(runtime)) == ["good", "bad"]

    run(path, graph_of(mute, "a -> b", "b -> batch"), story)


def test_what_its_source_delivers_again_while_it_is_held_back_is_let_in_once(path):
    left(path, "0", "good", died=("0",))
    again = {**NODES, "a": ("chat.count", {"count": 1, "gift_every": 1})}

    async def story(runtime):
        await asyncio.sleep(1)
        assert list(turns(runtime)) == ["good"]
        await asyncio.sleep(20)

    runtime = run(path, graph_of(again, *WIRES), story)
    assert list(turns(runtime)) == ["good", "0"]
    assert runtime.ledger.counts()["repeated"] == 1


def test_only_what_moves_or_is_answered_is_under_way(path):
    busy = {
        "a": ("chat.count", {"count": 2, "every_s": 0.01, "gift_every": 1}),
        "b": ("chat.slow", {"work_s": 5.0}),
        "c": "page.see",
    }

    async def story(runtime):
        await asyncio.sleep(4)
        assert sorted(read(path)) == ["0", "1"], "one is worked on, the other waits for that"
        await asyncio.sleep(7)
        assert read(path) == {}, "both have come through and have no turn"

    run(path, graph_of(busy, "a -> b", "b -> c"), story)

    async def speaking(runtime):
        await asyncio.sleep(1)
        assert read(path) == {"0": True, "1": False}

    spoken = {**NODES, "a": ("chat.count", {"count": 2, "every_s": 0.01, "gift_every": 1})}
    path.unlink()
    run(path, graph_of(spoken, *WIRES), speaking)
    assert read(path) == {}, "the run has ended by itself"
