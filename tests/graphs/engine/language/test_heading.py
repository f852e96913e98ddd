"""graphs/engine/language/heading.py: what a graph says of itself reaches a person, also when the rest is wrong."""

import pytest

from graphs.engine.language.check import check
from nodes import load_all
from schemas.graph import GraphError, Intro
from tests.harness import ROOT

NODES = "nodes: {typed: {type: chat.typed}, parse: {type: chat.parse, in: typed}}\n"
WRONG = NODES.replace("chat.parse", "chat.prase")


def intro(head: str, nodes: str = NODES) -> Intro:
    return check(head + nodes, "mine.yaml", load_all(), {}).intro


def refused(head: str, nodes: str = NODES) -> GraphError:
    with pytest.raises(GraphError) as found:
        check(head + nodes, "mine.yaml", load_all(), {})
    return found.value


def test_what_a_graph_is_for_is_a_sentence_or_one_for_each_language() -> None:
    assert intro("about: 밤 방송\n") == Intro({"": "밤 방송"})
    assert intro("about: {ko: 밤 방송, en: At night}\nexample: true\n") == Intro(
        {"ko": "밤 방송", "en": "At night"}, example=True
    )
    assert intro("") == Intro()


@pytest.mark.parametrize(
    "about", ["5", "''", "{}", "[a]", "{ko: 5}", "{ko: ''}", '"a\\nb"', "null", "true", f"'{'가' * 201}'"]
)
def test_what_is_no_sentence_is_refused_at_its_place(about: str) -> None:
    (problem,) = refused(f"about: {about}\n").problems
    assert str(problem).startswith("mine.yaml:1:8: about must be a sentence of at most 200 characters")


@pytest.mark.parametrize("example", ["yes", "5", "null"])
def test_an_example_is_one_or_is_not(example: str) -> None:
    (problem,) = refused(f"example: {example}\n").problems
    assert str(problem).startswith("mine.yaml:1:10: example must be true or false, not")


def test_a_wrong_graph_keeps_its_name_and_what_it_is_for() -> None:
    found = refused("name: night\nabout: 밤 방송\nexample: true\n", WRONG)
    assert (found.name, found.intro) == ("night", Intro({"": "밤 방송"}, example=True))
    found = refused("name: 5\nabout: {ko: 밤 방송, en: 5}\n", WRONG)
    assert (found.name, found.intro) == ("mine", Intro({"ko": "밤 방송"}))


def test_a_variable_without_a_value_is_named_in_its_problem() -> None:
    nodes = NODES.replace("chat.typed", "chat.replay, file: '${MY_CHAT}'")
    assert [problem.unset for problem in refused("", nodes).problems] == ["MY_CHAT"]
    assert [problem.unset for problem in refused("", WRONG).problems] == [""]


def test_every_shipped_graph_says_what_it_is_for_in_both_languages() -> None:
    files = sorted((ROOT / "graphs").glob("*.yaml"))
    env = {"TTS_REMOTE_URL": "http://127.0.0.1:5000"}
    found = {each.stem: check(each.read_bytes(), str(each), load_all(), env, ROOT).intro for each in files}
    assert {*found} >= {"demo", "live", "two-hosts"}
    assert {name for name, each in found.items() if each.about.keys() != {"ko", "en"}} == set()
    assert {name for name, each in found.items() if not each.example} == {"cohost", "demo", "live"}
