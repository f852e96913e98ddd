"""graphs/engine/language/tongues.py: words are made in the language of the voice behind them."""

import asyncio

import pytest

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.language.cut import cut
from graphs.engine.language.order import Shape
from graphs.engine.log.engine_log import EngineLog
from nodes import load_all
from schemas.graph import Graph, GraphError
from tests.harness import ROOT

SHOW = """
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse, speaking: voice.speaking}
  reply: {type: reply.canned, in: batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: reply}
  speech: {type: speech.ladder, in: split, voices: [VOICES]}
  voice: {type: audio.play, in: speech}
"""
HTTP = "{type: http, urls: [http://127.0.0.1:9]%s}"


def read(*voices: str, text: str = SHOW) -> Graph:
    return check(text.replace("VOICES", ", ".join(voices)), "show.yaml", load_all(), {}, ROOT)


def test_without_a_word_everything_is_korean() -> None:
    assert set(read("{type: kokoro}").languages.values()) == {"korean"}
    assert set(read(HTTP % "", "{type: kokoro}").languages.values()) == {"korean"}


def test_the_language_of_the_voice_reaches_all_that_leads_to_it() -> None:
    graph = read(HTTP % ", language: English", "{type: system}")
    assert graph.languages == dict.fromkeys(("typed", "parse", "batch", "reply", "split", "speech"), "english")


def test_the_best_voice_that_names_a_language_counts() -> None:
    assert read(HTTP % "", "{type: system, language: japanese}", "{type: kokoro}").languages["split"] == "japanese"


def test_voices_of_two_languages_are_reported_with_their_place() -> None:
    with pytest.raises(GraphError) as wrong:
        read(HTTP % ", language: ko", "{type: system, language: english}")
    (problem,) = wrong.value.problems
    assert problem.line == 8
    assert problem.message == "the voices of 'speech' speak different languages: korean, english"
    assert problem.hint == "give all of them the same 'language', or none"


def test_two_characters_may_have_a_language_each() -> None:
    other = """
  batch_2: {type: chat.batch, in: parse, speaking: voice_2.speaking}
  reply_2: {type: reply.canned, in: batch_2, replies: config/canned_replies.yaml}
  split_2: {type: reply.split, in: reply_2}
  speech_2: {type: speech.system, in: split_2, language: english}
  voice_2: {type: audio.play, in: speech_2}
"""
    graph = read("{type: kokoro}", text=SHOW + other)
    assert (graph.languages["split"], graph.languages["split_2"]) == ("korean", "english")


def test_a_place_without_the_voice_knows_its_language() -> None:
    away = SHOW.replace("speech.ladder,", "speech.ladder, at: gpu,")
    graph = read("{type: system, language: english}", text=away)
    here = cut(graph, "pc", load_all(), {})
    assert "speech" not in here.nodes
    assert here.languages["split"] == "english"


def test_a_running_node_follows_the_graph_on_air() -> None:
    async def live() -> tuple[str, str]:
        types = load_all()
        runtime = Runtime(read("{type: kokoro}"), types, root=ROOT, log=EngineLog(quiet=True))
        spoken = runtime.spoken("split")
        before = spoken.language
        runtime.shape = Shape(read("{type: system, language: english}"), types)
        return before, spoken.language

    assert asyncio.run(live()) == ("korean", "english")
