"""graphs/engine/language/cycles.py: a cycle closes through a feedback port or is reported."""

from pathlib import Path

import pytest

from tests.graphs.small import assert_expected, bad, checked, problems


@pytest.mark.parametrize("file", bad("cycles"), ids=lambda file: file.stem)
def test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect(file: Path) -> None:
    assert_expected(file.read_bytes())


def test_a_cycle_may_close_through_a_feedback_port() -> None:
    text = "nodes: {a: {type: chat.source}, b: {type: chat.batch, in: a}, r: {type: reply.make, in: b, model: m}, "
    text += "s: {type: speech.say, in: r.sentence}, v: {type: audio.play, in: s}}"
    checked(text)
    checked(text.replace("in: a}", "in: a, speaking: v.speaking}"))


def test_every_cycle_is_reported() -> None:
    text = "nodes: {a: {type: chat.filter, in: b}, b: {type: chat.filter, in: a}, c: {type: chat.filter, in: c}}"
    assert [problem.message for problem in problems(text)] == ["a cycle: a -> b -> a", "the node 'c' feeds itself"]


def test_a_cycle_through_a_node_with_a_feedback_port_names_the_port() -> None:
    text = "nodes: {a: {type: chat.echo, in: b}, b: {type: chat.filter, in: a}}"
    assert problems(text)[0].hint == "a cycle can close only through a feedback port: a.again"
