"""graphs/engine/language/wires.py: references become wires with a policy, or what fits is named."""

from pathlib import Path

import pytest

from schemas.graph import Policy
from tests.graphs.small import SHOW, assert_expected, bad, checked, problems


@pytest.mark.parametrize("file", bad("wires"), ids=lambda file: file.stem)
def test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect(file: Path) -> None:
    assert_expected(file.read_bytes())


def test_an_input_that_is_missing_is_told_with_its_own_key() -> None:
    found = problems("nodes: {a: {type: chat.source}, b: {type: chat.both, first: a}, c: {type: chat.both, second: a}}")
    assert [problem.hint for problem in found] == ["add 'second: a'", "add 'in: a'"]


def test_of_several_outputs_the_only_one_that_fits_is_meant() -> None:
    graph = checked(SHOW.replace("in: reply.sentence", "in: reply").replace("in: voice.level", "in: voice"))
    assert graph.wires == checked(SHOW).wires
    twice = SHOW.replace("in: reply.sentence", "in: [reply, reply.sentence]")
    assert [problem.message for problem in problems(twice)] == ["reply.sentence is connected here twice"]


def test_an_edge_takes_its_policy_from_the_event_of_the_output() -> None:
    wires = checked(
        "nodes: {a: {type: chat.source}, b: {type: chat.gifts}, c: {type: chat.filter, chat: [a, b]}}"
    ).wires
    assert wires[0].policy == Policy("fresh", 256, None, 30.0)
    assert wires[1].policy == Policy("sure", 256, None, None)


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        ("capacity: 512, max_age_s: 10, overflow: block", Policy("block", 512, None, 10.0)),
        ("overflow: sure", Policy("sure", 256, None, None)),
        ("overflow: latest", Policy("latest", 1, None, 30.0)),
        ("max_age_s: null", Policy("fresh", 256, None, None)),
        ('capacity: "${ROOM:-9}"', Policy("fresh", 9, None, 30.0)),
    ],
)
def test_a_graph_may_say_another_policy_for_an_edge(options: str, policy: Policy) -> None:
    graph = checked(f"nodes: {{a: {{type: chat.source}}, b: {{type: chat.filter, in: {{from: a, {options}}}}}}}")
    assert graph.wires[0].policy == policy


def test_an_edge_of_levels_that_blocks_holds_what_its_event_says() -> None:
    text = SHOW.replace("in: voice.level", "in: {from: voice.level, overflow: block}")
    assert checked(text).wires[-2].policy == Policy("block", 64, None, None)


def test_an_unknown_node_is_told_where_it_is_named_with_the_nearest_one() -> None:
    assert [str(problem) for problem in problems(SHOW.replace("in: source", "in: sorce"))] == [
        "show.yaml:4:35: there is no node 'sorce' (did you mean 'source'?)"
    ]


def test_an_input_of_an_unknown_type_must_name_a_node_as_well() -> None:
    found = problems("nodes: {a: {type: chat.nosuch, in: nobody}, b: {type: chat.nosuch, in: a}}")
    assert [problem.message for problem in found if "no node '" in problem.message] == ["there is no node 'nobody'"]
