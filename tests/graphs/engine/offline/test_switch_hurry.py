"""A switch of graphs does not wait for the end of a long answer: that ends after the sentence that is being heard."""

import asyncio

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.offline.play import virtually
from graphs.engine.reload.reloader import Reloader
from nodes import load_all
from schemas.chat import ChatMessage
from tests.graphs.engine.offline.test_yield import GRAPH, SENTENCE, SENTENCE_S, NoPages
from tests.harness import ROOT

OTHER = """
name: other
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse}
"""


def switched(tmp_path, *, hurry):
    """Switch while the first of eight sentences is being heard; give what became of it, and how much was heard."""
    replies = tmp_path / "replies.yaml"
    lines = " ".join([SENTENCE] * 8)
    kinds = ("chat", "donation", "subscription")
    rules = (f"- {{name: {kind}, when: {{kind: {kind}}}, lines: [{lines!r}]}}\n" for kind in kinds)
    replies.write_text("".join(rules), encoding="utf-8")
    registry = load_all()
    graph = check(GRAPH % ("", replies), "show.yaml", registry, {})
    other = check(OTHER, "other.yaml", registry, {})

    async def main():
        runtime = Runtime(graph, registry, root=ROOT, log=EngineLog(quiet=True), web=NoPages(), seed=1)
        await runtime.start()
        parse = runtime.stations["parse"]
        parse.emit(next(iter(parse.outs)), ChatMessage(id="a", author="별", text="안녕"))
        await asyncio.sleep(2.0)
        applied = await Reloader(runtime).apply(other, hurry=hurry)
        turn = runtime.turns.turns["t-a"]
        verdict = runtime.ledger.verdict("a")
        await runtime.stop()
        return applied, turn, verdict

    return virtually(main())


def test_a_switch_waits_for_the_sentence_that_is_heard_and_no_longer(tmp_path):
    applied, turn, verdict = switched(tmp_path, hurry=True)
    assert applied.seconds <= SENTENCE_S + 0.5
    assert applied.forced == ()
    assert turn.yielded
    assert verdict.turn == "t-a"


def test_without_hurry_it_waits_for_the_voice_until_it_is_ended_by_force(tmp_path):
    applied, _, _ = switched(tmp_path, hurry=False)
    assert applied.seconds >= 10.0
    assert applied.forced


def test_what_came_and_went_is_told_by_type(tmp_path):
    applied, _, _ = switched(tmp_path, hurry=True)
    assert applied.came == ()
    assert applied.went == ("overlay.dock", "reply.canned", "reply.split", "speech.ladder", "audio.play")
