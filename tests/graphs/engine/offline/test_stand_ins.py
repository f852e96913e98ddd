import asyncio
from random import Random

import numpy as np
import pytest

from graphs.engine.language.read import read_graph
from graphs.engine.offline.recording import Recording
from graphs.engine.offline.stand_ins import (
    RUNG,
    OfflineLoop,
    is_source,
    seconds_of,
    source_only,
    stand_ins,
    written,
)
from nodes import load_all
from schemas.chat import ChatBatch, ChatMessage, RawPayload
from schemas.playback import Heard, Speaking, Stop
from schemas.reply import Sentence
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted
from tests.graphs.engine.stage import REGISTRY, graph_of
from tests.harness import ROOT, Ran, run

LINES = [(0.5, RawPayload(event="CHAT", payload="a")), (2.0, RawPayload(event="CHAT", payload="b"))]


def played(type_, given, settings=None, **more) -> Ran:
    """Run the stand-in of a node type alone."""
    graph = read_graph(ROOT / "graphs" / "live.yaml", ROOT)
    registry, _ = stand_ins(load_all(), [graph], Recording(LINES), 1)
    return run(type_, given, settings=settings, registry=registry, **more)


def test_a_blocking_call_is_made_at_once_and_its_error_comes_back():
    def fail():
        raise KeyError("x")

    async def main():
        assert await asyncio.to_thread(lambda: 3) == 3
        with pytest.raises(KeyError):
            await asyncio.to_thread(fail)

    loop = OfflineLoop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()


def test_a_recording_comes_at_its_times_by_the_first_source():
    ran = played("chat.chzzk", {})
    assert [(at, event.payload) for at, _, event in ran.out] == [(0.5, "a"), (2.0, "b")]
    assert ran.completed_at == 2.0


def test_other_sources_are_silent():
    ran = played("chat.typed", {})
    assert ran.out == []
    assert ran.completed_at == 0.0


def test_a_source_that_is_replaced_goes_on_where_the_one_before_stopped():
    recording = Recording(LINES)
    graph = read_graph(ROOT / "graphs" / "live.yaml", ROOT)
    registry, _ = stand_ins(load_all(), [graph], recording, 1)
    assert [event.payload for event in run("chat.chzzk", {}, until=1.0, registry=registry).events()] == ["a"]
    assert not recording.ended
    assert [event.payload for event in run("chat.chzzk", {}, registry=registry).events()] == ["b"]
    assert recording.ended


def test_the_answer_names_the_viewer_and_is_the_same_each_time():
    batch = ChatBatch(turn="t1", lane="chat", events=(ChatMessage(id="1", author="하늘", text="오늘 뭐 먹었어?"),))
    first, second = (played("llm.reply", {"batch": [(0.0, batch)]}) for _ in range(2))
    assert first.out == second.out
    chunks = first.events("reply")
    assert "하늘님" in chunks[0].text
    assert chunks[0].emotion is not None
    assert {chunk.rung for chunk in chunks} == {RUNG}
    assert chunks[-1].last
    assert first.events("unanswered") == []


def test_topics_and_wordless_viewers_are_answered_too():
    chance = Random(1)
    assert written(ChatBatch(turn="t", lane="chat", events=(), topic="날씨 이야기."), chance) == ["날씨 이야기."]
    wordless = ChatBatch(turn="t", lane="chat", events=(ChatMessage(id="1", author="하늘"),))
    assert written(wordless, chance)[0] == "하늘님, 고마워요."


def test_the_voice_is_as_long_as_its_syllables():
    say = Sentence(turn="t", index=0, text="안녕하세요!", spoken="안녕하세요!", emotion="happy", last=True)
    ran = played("speech.ladder", {"sentence": [(0.0, say)]}, settings={"voices": [{"type": "kokoro"}]})
    chunk = next(event for event in ran.events() if isinstance(event, SpeechChunk))
    assert chunk.seconds == pytest.approx(seconds_of("안녕하세요") + 0.15, abs=0.01)
    assert [type(event).__name__ for event in ran.events()] == ["SpeechStarted", "SpeechChunk", "SpeechEnded"]


SOUND = SpeechChunk(turn="t", sentence=0, samples=np.zeros(2000, np.float32), rate=1000)


def test_the_player_lets_the_time_of_the_sound_pass():
    given = [
        (0.0, SpeechStarted(turn="t", sentence=0, text="안녕")),
        (0.0, SOUND),
        (0.0, SpeechEnded(turn="t", sentence=0)),
        (0.0, SpeechStarted(turn="t", sentence=1, text="자막만")),
        (0.0, SpeechEnded(turn="t", sentence=1, last=True)),
    ]
    ran = played("audio.play", {"speech": given})
    told = [(at, event) for at, _, event in ran.out if isinstance(event, Speaking)]
    assert told == [
        (0, Speaking(turn="t", speaking=True)),
        (0, Speaking(turn="t", speaking=True, left_s=3.0)),
        (3, Speaking(turn="t", speaking=False)),
    ]
    heard = [(at, event.text, event.ended) for at, _, event in ran.out if isinstance(event, Heard)]
    assert heard == [(0, "안녕", False), (2, "안녕", True), (2, "자막만", False), (3, "자막만", True)]


def test_a_stop_ends_the_turn_of_the_player():
    given = {"speech": [(0.0, SpeechStarted(turn="t", sentence=0, text="안녕")), (0.0, SOUND)]}
    ran = played("audio.play", {**given, "stop": [(1.0, Stop(turn="t"))]}, complete_at=3.0)
    assert [(at, event.speaking) for at, _, event in ran.out if isinstance(event, Speaking)] == [(0, True), (1, False)]


def test_a_desk_with_nobody_at_it_passes_everything():
    batch = ChatBatch(turn="t", lane="chat", events=())
    ran = played("overlay.dock", {"batch": [(1.0, batch)], "heard": []})
    assert ran.out == [(1.0, "batch", batch)]


def test_a_tool_that_would_ask_the_network_passes_everything():
    batch = ChatBatch(turn="t", lane="chat", events=())
    assert played("tool.search", {"batch": [(1.0, batch)]}).events() == [batch]


@pytest.mark.parametrize(
    "type_", ["overlay.web", "avatar.vts", "pose.interpolate", "pose.lipsync", "chat.moderate", "chat.send"]
)
def test_what_only_shows_does_nothing(type_):
    spec = load_all()[type_]
    ran = played(type_, {port.name: [] for port in spec.inputs})
    assert (ran.out, ran.error) == ([], None)


@pytest.mark.parametrize(
    ("type_", "settings"), [("listen.mic", {}), ("listen.text", {"engines": [{"type": "whisper"}]})]
)
def test_no_microphone_is_opened_and_nobody_speaks_into_it(type_, settings):
    made, told = stand_ins(load_all(), [graph_of({})], Recording([]), 1)
    assert made[type_] is not load_all()[type_]
    ran = played(type_, {port.name: [] for port in load_all()[type_].inputs}, settings=settings)
    assert (ran.out, ran.error) == ([], None)
    assert told == {}


def test_filters_batches_and_written_answers_are_the_real_ones():
    graph = graph_of({"count": "chat.count"})
    known = {**REGISTRY, **load_all()}
    made, told = stand_ins(known, [graph], Recording([]), 1)
    real = ("chat.parse", "chat.filter", "chat.batch", "reply.canned", "reply.split", "reply.guard", "chat.silence")
    assert [name for name in real if made[name] is not known[name]] == []
    assert told == {"chat.count": "nothing"}


def test_a_rehearsal_changes_the_sources_and_writes_into_no_chat():
    registry = load_all()
    made = source_only(registry, read_graph(ROOT / "graphs" / "demo.yaml", ROOT), Recording([]))
    changed = {name for name in registry if made[name] is not registry[name]}
    quiet = {"chat.moderate", "chat.send", "listen.mic", "listen.text"}
    assert changed == {name for name, spec in registry.items() if is_source(spec)} | quiet
