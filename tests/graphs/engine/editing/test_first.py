"""graphs/engine/editing/first.py: the first graph of a person, and one answer changed later."""

import itertools
import re

import pytest

from graphs.engine.editing.first import PRACTICE, QUESTIONS, answers_of, graph_of, with_answers, wrong
from graphs.engine.language.check import check
from nodes import load_all
from tests.harness import ROOT

ALL = [
    dict(zip([question.key for question in QUESTIONS], values, strict=True))
    for values in itertools.product(
        *[[choice.value for choice in question.choices] or [question.default] for question in QUESTIONS]
    )
]
USUAL = {"name": "초코", **PRACTICE}
ENV = {"TTS_REMOTE_URL": "http://127.0.0.1:5000"}


@pytest.fixture(autouse=True, scope="module")
def told_in_english() -> None:
    """Questions are asked in Korean."""


def test_every_combination_of_answers_gives_a_graph_without_problems_from_which_they_can_be_read() -> None:
    registry = load_all()
    for answers in ALL:
        text = graph_of(answers, ROOT)
        assert check(text, "my.yaml", registry, ENV, ROOT).name == "my"
        assert answers_of(text) == answers


def test_an_answer_changed_later_gives_the_graph_of_these_answers() -> None:
    for answers in ALL:
        for question in QUESTIONS:
            for value in [choice.value for choice in question.choices] or ["모카"]:
                changed = {**answers, question.key: value}
                assert with_answers(graph_of(answers, ROOT), {question.key: value}, ROOT) == graph_of(changed, ROOT)


def test_what_a_person_changed_by_hand_stays() -> None:
    text = graph_of(USUAL, ROOT)
    gathers = "quiet_s: 0.4, max_wait_s: 2.0, max_items: 10}"
    mine = text.replace(gathers, gathers.replace("0.4", "1.7") + "  # mine").replace(
        "name: my\n", "name: my\n# a note of mine\n"
    )
    mine = mine.replace("  alert:", "  # my own bell\n  desktop: {type: alert.desktop, enabled: true}\n  alert:")
    assert mine.count("mine") == 2
    changed = with_answers(mine, {"chat": "chzzk", "avatar": "vts"}, ROOT)
    for kept in (
        "quiet_s: 1.7, max_wait_s: 2.0, max_items: 10}  # mine",
        "# a note of mine",
        "# my own bell\n  desktop:",
    ):
        assert kept in changed
    assert "type: chat.chzzk" in changed
    assert "avatar.stage" not in changed
    assert with_answers(changed, {"chat": "recording", "avatar": "builtin"}, ROOT) == mine
    check(changed, "my.yaml", load_all(), {}, ROOT)


def test_a_node_that_a_new_block_reads_comes_with_it_into_an_older_graph() -> None:
    text = graph_of({**USUAL, "voice": "server"}, ROOT)
    older = re.sub(r"(?m)^  lines: .*\n|^    rehearsal: lines\n", "", text)
    check(older, "my.yaml", load_all(), ENV, ROOT)
    changed = with_answers(older, {"voice": "embedded"}, ROOT)
    assert check(changed, "my.yaml", load_all(), {}, ROOT).nodes["lines"].type == "reply.lines"
    assert "lines:" not in with_answers(older, {"chat": "chzzk"}, ROOT)


def test_answers_that_are_those_of_the_graph_change_nothing() -> None:
    mine = graph_of(USUAL, ROOT).replace("speed: 1.0", "speed: 1.3")
    assert with_answers(mine, USUAL, ROOT) == mine
    assert with_answers(mine, {}, ROOT) == mine


@pytest.mark.parametrize("name", ["7", "달 토끼", "Mocha"])
def test_a_name_stays_text(name: str) -> None:
    text = with_answers(graph_of(USUAL, ROOT), {"name": name}, ROOT)
    assert check(text, "my.yaml", load_all(), {}, ROOT).character == name
    assert answers_of(text)["name"] == name


@pytest.mark.parametrize(
    "line", ["character: 모카", "character: '모카'", 'character: "모카"  # sweet', "character:   모카 # x"]
)
def test_a_name_is_read_however_it_is_written(line: str) -> None:
    text = re.sub(r"(?m)^character:.*$", line, graph_of(USUAL, ROOT))
    assert answers_of(text)["name"] == "모카"


@pytest.mark.parametrize("text", ["", "name: a\nnodes: {}\n", "name: a\nnodes:\n    deep: 1\n"])
def test_a_graph_that_is_written_in_another_way_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="/settings"):
        with_answers(text, {"chat": "chzzk"}, ROOT)


def test_what_is_wrong_with_an_answer_is_told() -> None:
    name, chat, *_ = QUESTIONS
    assert wrong(name, "초코 2") == wrong(chat, "chzzk") == ""
    assert "글자와 숫자" in wrong(name, "초코!")
    assert "30" in wrong(name, "가" * 31)
    assert "chzzk, recording" in wrong(chat, "youtube")
