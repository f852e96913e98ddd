"""A donation does not wait for the end of a long answer to chat: that ends after the sentence that is being heard."""

import asyncio
from types import SimpleNamespace

import pytest
from reactivex.disposable import Disposable

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe.why import why
from graphs.engine.offline.play import virtually
from nodes import load_all
from schemas.chat import ChatMessage, Donation
from schemas.playback import Heard
from tests.harness import ROOT

GRAPH = """
name: show
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse, speaking: voice.speaking%s}
  dock: {type: overlay.dock, batch: batch, reply: split.sentence, heard: voice.heard, speaking: voice.speaking}
  reply: {type: reply.canned, in: dock.batch, replies: %s}
  split: {type: reply.split, in: [reply, dock.said]}
  speech: {type: speech.ladder, in: split.sentence, stop: dock.stop, voices: [{type: http, urls: [""]}]}
  voice: {type: audio.play, in: speech, stop: dock.stop, device: none, record: false, caption_s_per_char: 0.09}
"""
SENTENCE = "이 이야기는 정말로 길어서 한참을 더 들려 드려야 끝이 날 것 같아요."
SENTENCE_S = len(SENTENCE) * 0.09


class NoPages:
    """A web server without an address."""

    async def start(self):
        pass

    stop = start

    def folder(self, *_, **__):
        return Disposable()

    get = post = page = folder

    def channel(self, *_, **__):
        return SimpleNamespace(clients=0, send=lambda *_: None, dispose=lambda: None)


def play(tmp_path, first, *, settings="", at_s=2.0):
    """Give how long after it came the donation's thanks were first heard, the turns, and why for both events."""
    replies = tmp_path / "replies.yaml"
    lines = " ".join([SENTENCE] * 8)
    replies.write_text(
        f"- {{name: c, when: {{kind: chat}}, lines: [{lines!r}]}}\n"
        f"- {{name: d, when: {{kind: donation}}, lines: [{lines!r}]}}\n"
        "- {name: s, when: {kind: subscription}, lines: ['고마워요.']}\n",
        encoding="utf-8",
    )
    registry = load_all()
    graph = check(GRAPH % (settings, replies), "show.yaml", registry, {})

    async def main():
        runtime = Runtime(graph, registry, root=ROOT, log=EngineLog(quiet=True), web=NoPages(), seed=1)
        heard = []
        await runtime.start()
        station = runtime.stations["voice"]
        emit = station.emit

        def noted(port, event):
            if isinstance(event, Heard):
                heard.append((runtime.now(), event))
            emit(port, event)

        station.emit = noted
        parse = runtime.stations["parse"]
        parse.emit("event" if "event" in parse.outs else next(iter(parse.outs)), first)
        await asyncio.sleep(at_s)
        came = runtime.now()
        parse.emit(next(iter(parse.outs)), Donation(id="d", author="하늘", amount=1000))
        await asyncio.sleep(40)
        marks = {turn.id: turn for turn in runtime.turns.turns.values()}
        told = {event_id: why(runtime, event_id) for event_id in (first.id, "d")}
        await runtime.stop()
        return marks["t-d"].marks["first_sound"] - came, marks, told

    return virtually(main())


def test_a_donation_is_heard_within_the_sentence_and_the_setting(tmp_path):
    waited, turns, told = play(tmp_path, ChatMessage(id="a", author="별", text="안녕"))
    assert len(SENTENCE) * 8 > 300
    assert waited <= 5.0 + SENTENCE_S + 0.2
    assert told["a"]["verdict"] == "answered"
    assert told["a"]["yielded"] is True
    assert turns["t-a"].report()["yielded"] is True
    assert "yielded" not in told["d"]


def test_null_never_ends_an_answer(tmp_path):
    waited, _, told = play(tmp_path, ChatMessage(id="a", author="별", text="안녕"), settings=", yield_after_s: null")
    assert waited > 7 * SENTENCE_S
    assert "yielded" not in told["a"]


@pytest.mark.parametrize("after", ["", ", yield_after_s: 0"])
def test_what_was_paid_for_is_never_ended(tmp_path, after):
    waited, _, told = play(tmp_path, Donation(id="a", author="별", amount=1000), settings=after)
    assert waited > 7 * SENTENCE_S
    assert "yielded" not in told["a"]
