"""graphs/engine/editing/retype.py: a node of another type keeps what both types have, and nothing else of it stays."""

import pytest

from graphs.engine.editing.edits import edited, edits_of
from graphs.engine.language.check import check
from schemas.graph import GraphError
from tests.graphs.engine.editing.ugly import REGISTRY

SHOW = """\
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse.chat, speaking: voice.speaking}
  reply:  # answers
    type: llm.reply
    # who she is
    persona: config/persona.md  # one file
    in: batch
    heard: voice.heard
    withdrawn: parse.withdrawn
  split: {type: reply.split, in: reply.reply}
  tts:
    type: speech.kokoro
    in: split.sentence
    speed: 1.1  # lively
    threads: 2  # of this machine
    at: here
  voice: {type: audio.play, in: tts}
"""


def after(text, node, type_, **more):
    return edited(text, "x", edits_of([{"op": "type", "node": node, "value": type_, **more}]), REGISTRY)


def lines(old, new):
    """The lines that went, and those that came."""
    return [
        [line.strip() for line in one.splitlines() if line not in other.splitlines()]
        for one, other in ((old, new), (new, old))
    ]


def test_settings_that_both_types_have_stay_as_they_are_written():
    new = after(SHOW, "tts", "speech.system", fit=True)
    assert lines(SHOW, new) == [["type: speech.kokoro", "threads: 2  # of this machine"], ["type: speech.system"]]
    assert lines(SHOW, after(SHOW, "tts", "speech.system")) == [["type: speech.kokoro"], ["type: speech.system"]]


def test_connections_that_fit_stay_and_others_go_at_both_ends():
    new = after(SHOW, "reply", "reply.canned", fit=True)
    assert lines(SHOW, new) == [
        [
            "type: llm.reply",
            "persona: config/persona.md  # one file",
            "heard: voice.heard",
            "withdrawn: parse.withdrawn",
            "split: {type: reply.split, in: reply.reply}",
        ],
        ["type: reply.canned", "split: {type: reply.split, in: reply}"],
    ]
    check(new.replace("    at: here\n", ""), "x", REGISTRY, {})
    gone = after(SHOW, "reply", "chat.typed", fit=True)
    assert "  reply:  # answers\n    type: chat.typed\n    # who she is\n  split: {type: reply.split}\n" in gone


@pytest.mark.parametrize(
    ("inputs", "type_", "kept"),
    [
        ("in: batch", "chat.show", "in: batch"),
        ("in: [batch, {from: batch, capacity: 3}]", "chat.show", "in: [batch, {from: batch, capacity: 3}]"),
        ("in: batch", "overlay.web", "batch: batch"),
        ("batch: batch", "overlay.web", "batch: batch"),
        ("in: [batch, typed]", "chat.thanks", "in: batch"),
        ("in: typed", "chat.parse", "in: typed"),
        ("in: nobody", "chat.thanks", "in: nobody"),
        ("in: parse, speaking: voice.speaking", "chat.batch", "in: parse, speaking: voice.speaking"),
        ("in: parse", "overlay.web", "in: parse"),
    ],
)
def test_an_input_stays_under_the_name_that_the_new_type_has_for_it(inputs, type_, kept):
    old = "chat.batch" if "parse" in inputs else "no.such" if "typed}" in inputs else "chat.thanks"
    text = f"{SHOW}  b: {{type: {old}, {inputs}}}\n"
    assert after(text, "b", type_, fit=True) == f"{SHOW}  b: {{type: {type_}, {kept}}}\n"


def test_an_output_of_another_name_is_taken_where_only_its_name_differs():
    text = SHOW + "  show: {type: chat.show, in: batch}\n  thanks: {type: chat.thanks, in: show.batch}\n"
    assert "thanks: {type: chat.thanks, in: show}" in after(text, "show", "chat.silence", fit=True)
    back = after(text.replace("show.batch", "show"), "show", "overlay.dock", fit=True)
    assert "show: {type: overlay.dock, in: batch}" in back
    assert "thanks: {type: chat.thanks, in: show}" in back, "the only output that fits is meant"
    two = "nodes:\n  a: {type: chat.replay}\n  b: {type: bus.publish, in: a}\n"
    assert after(two, "a", "chat.parse", fit=True) == two.replace("chat.replay", "chat.parse").replace(
        "in: a", "in: a.chat"
    ), "of several that fit, the first one is named"


def test_a_type_that_is_not_known_changes_nothing_else_and_what_is_shared_is_refused():
    assert lines(SHOW, after(SHOW, "tts", "no.such", fit=True)) == [["type: speech.kokoro"], ["type: no.such"]]
    text = "x-v: &v {threads: 2}\nnodes:\n  tts: {type: speech.kokoro, <<: *v}\n"
    with pytest.raises(GraphError, match=r"there is no nodes\.tts\.threads here"):
        after(text, "tts", "speech.system", fit=True)
    with pytest.raises(GraphError, match="there is no node z"):
        after(text, "z", "speech.system", fit=True)
