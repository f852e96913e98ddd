"""graphs/engine/studio/rehearsal.py: a minute with invented viewers, and then everything as it was."""

import asyncio
import json

import pytest
import yaml

from graphs.engine.editing.first import PRACTICE, graph_of
from graphs.engine.language.check import check
from graphs.engine.studio import rehearsal
from graphs.engine.studio.rehearsal import CROWD, NOBODY, rehearsed
from nodes import load_all
from tests.graphs.engine.studio.show import TYPED, told
from tests.harness import ROOT

SHIPPED = [file for file in sorted((ROOT / "graphs").glob("*.yaml")) if file.name != "my.yaml"]
SHOW = (
    TYPED
    + """\
  chat: {type: chat.replay, file: recorded.jsonl}
  more: {type: chat.parse, in: chat}
  batch: {type: chat.batch, in: more, quiet_s: 0.05, max_wait_s: 0.1}
  reply: {type: reply.canned, in: batch, replies: canned.yaml}
"""
)
SOURCES = {"chat.chzzk", "chat.chzzk_anon", "chat.replay"}


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_the_rehearsal_of_a_shipped_graph_is_a_good_graph_without_a_way_out(file):
    registry = load_all()
    text = rehearsed(file.read_text("utf-8"), registry)
    env = {"TTS_REMOTE_URL": "http://127.0.0.1:5000", "NATS_URL": "nats://127.0.0.1:4222"}
    graph = check(text, "graph.yaml", registry, env, ROOT)
    sources = [entry for entry in graph.nodes.values() if entry.type in SOURCES]
    assert [entry.type for entry in sources] == ["chat.replay"]
    assert [entry.settings.file for entry in sources] == [CROWD]
    for entry in graph.nodes.values():
        assert entry.type != "chat.send"
        assert getattr(entry.settings, "history", None) is None
        assert getattr(entry.settings, "saved", None) is None
        assert not getattr(entry.settings, "record", False)
        if entry.type == "listen.mic":
            assert (entry.settings.mode, entry.settings.file) == ("off", None)


def test_a_rehearsal_opens_no_microphone():
    text = (ROOT / "graphs" / "cohost.yaml").read_text("utf-8")
    mode = '"${MIC_MODE:-hold}"'
    assert text.count(mode) == 1
    nodes = yaml.safe_load(rehearsed(text.replace(mode, "open\n    file: said.wav"), load_all()))["nodes"]
    assert (nodes["mic"]["mode"], nodes["mic"]["file"]) == ("off", None)


def test_only_one_of_several_sources_has_the_crowd_and_nothing_is_written_to_a_chat():
    text = graph_of({"name": "초코", **PRACTICE, "chat": "chzzk"}, ROOT)
    text = text.replace(
        "  # 조종판에서 보내는", "  other: {type: chat.chzzk_anon, channel_id: 0}\n  # 조종판에서 보내는"
    )
    text = text.replace("  alert:", "  send: {type: chat.send, in: guard}\n  alert:")
    nodes = yaml.safe_load(rehearsed(text, load_all()))["nodes"]
    assert nodes["chzzk"] == {"type": "chat.replay", "file": CROWD.as_posix()}
    assert nodes["other"] == {"type": "chat.replay", "file": NOBODY.as_posix()}
    assert "send" not in nodes
    assert nodes["typed"] == {"type": "chat.typed"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(rehearsal, "SECONDS", 1.2)
    monkeypatch.setattr(rehearsal, "TALK_S", 0.6)
    monkeypatch.setattr(rehearsal, "RATE", 40.0)
    (tmp_path / "recorded.jsonl").write_text("", "utf-8")
    (tmp_path / "canned.yaml").write_bytes((ROOT / "config" / "canned_replies.yaml").read_bytes())
    return tmp_path


async def over(show):
    while (said := (await show.get("/api/start")).said["rehearsal"])["running"]:
        await asyncio.sleep(0.02)
    return said


async def heard_out(show, messages):
    """All messages of a crowd have come, and each turn has its words, however busy the machine is."""
    runtime = show.on.runtime
    async with asyncio.timeout(20):
        while (
            runtime.ledger.counts()["in"] < messages
            or not (turns := runtime.turns.turns)
            or not all(turn.rung for turn in turns.values())
        ):
            await asyncio.sleep(0.02)


def test_a_crowd_writes_and_the_report_says_what_became_of_it(folder, monkeypatch):
    monkeypatch.setattr(rehearsal, "SECONDS", 60.0)

    async def story(show):
        begun = (await show.post("/api/start/rehearsal")).said["rehearsal"]
        assert begun["running"]
        assert begun["report"] is None
        assert show.on.live.file == folder / rehearsal.FILE
        assert (await show.get("/api/start")).said["file"] == "graphs/demo.yaml"
        assert (await show.post("/api/start/rehearsal")).status == 400
        lines = (folder / CROWD).read_text("utf-8").splitlines()
        assert min(json.loads(line)["t"] for line in lines) >= rehearsal.FIRST_S, "nobody writes before it is counted"
        await heard_out(show, len(lines))
        report = (await show.post("/api/start/rehearsal", stop=True)).said["rehearsal"]["report"]
        assert show.on.live.file == folder / "graphs" / "demo.yaml"
        assert 5 < len(lines) == report["in"]
        assert report["in"] == report["answered"] + report["waiting"] + sum(report["dropped"].values())
        assert report["turns"] > 0
        assert report["written"] == report["turns"]
        assert report["problems"] == []

    told(folder, story, SHOW)
    assert {json.loads(line)["event"] for line in (folder / CROWD).read_text("utf-8").splitlines()} >= {"CHAT"}


def test_it_ends_by_itself_and_the_show_goes_on(folder):
    async def story(show):
        assert (await show.post("/api/start/rehearsal")).said["rehearsal"]["running"]
        assert (await over(show))["report"]["seconds"] >= 1
        assert show.on.live.file == folder / "graphs" / "demo.yaml"
        assert show.on.runtime.graph.nodes["chat"].settings.file.name == "recorded.jsonl"

    told(folder, story, SHOW)


def test_it_can_be_ended_early_and_begun_again(folder, monkeypatch):
    monkeypatch.setattr(rehearsal, "SECONDS", 60.0)

    async def story(show):
        for _ in range(2):
            await show.post("/api/start/rehearsal")
            said = (await show.post("/api/start/rehearsal", stop=True)).said["rehearsal"]
            assert not said["running"]
            assert said["report"]["seconds"] < 30
            assert show.on.live.file == folder / "graphs" / "demo.yaml"
        assert (await show.post("/api/start/rehearsal", stop=True)).status == 200

    told(folder, story, SHOW)


def test_a_show_that_ends_in_the_middle_of_one_ends(folder, monkeypatch):
    monkeypatch.setattr(rehearsal, "SECONDS", 60.0)
    told(folder, lambda show: show.post("/api/start/rehearsal"), SHOW)
    assert (folder / "graphs" / "demo.yaml").read_text("utf-8") == SHOW


def test_a_graph_chosen_meanwhile_stays(folder):
    (folder / "graphs").mkdir()
    (folder / "graphs" / "other.yaml").write_text(SHOW.replace("name: demo", "name: other"), "utf-8")

    async def story(show):
        await show.post("/api/start/rehearsal")
        await show.post("/api/reload", file="graphs/other.yaml")
        await over(show)
        assert show.on.live.file == folder / "graphs" / "other.yaml"

    told(folder, story, SHOW)
