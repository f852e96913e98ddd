"""graphs/engine/language/document.py: the place of everything, and what is wrong there."""

import pytest

from graphs.engine.language.document import MAX_PROBLEMS, MAX_TEXT, Document, Mark
from graphs.engine.language.load import load
from schemas.graph import GraphError


def test_positions_count_characters_from_one_for_keys_and_values() -> None:
    document = load("가나: {다: 😀, b: [c, d]}\n", "x.yaml", {})
    assert document.key(("가나", "다")) == Mark(1, 6)
    assert document.value(("가나", "다")) == Mark(1, 9)
    assert document.key(("가나", "b")) == Mark(1, 12)
    assert document.value(("가나", "b", 1)) == Mark(1, 19)
    assert document.value(("가나", "b", 7, "x")) == Mark(1, 15)
    assert document.holds(("가나", "b", 1))
    assert not document.holds(("가나", "b", 2))


def test_a_problem_is_taken_down_once_and_too_many_end_the_reading() -> None:
    document = Document("x.yaml", "")
    for _ in range(2):
        document.problem(Mark(1, 2), "wrong", "mend it")
    assert [str(problem) for problem in document.problems] == ["x.yaml:1:2: wrong (mend it)"]
    for line in range(2, MAX_PROBLEMS):
        document.problem(Mark(line, 1), "wrong")
    with pytest.raises(GraphError) as caught:
        document.problem(Mark(MAX_PROBLEMS, 1), "wrong")
    assert len(caught.value.problems) == MAX_PROBLEMS


def test_what_comes_from_the_environment_is_told_by_its_variable() -> None:
    document = load("a: ${KEY}\nb: text\n", "x.yaml", {"KEY": "hunter2"})
    assert document.told(("a",), document.data["a"]) == "what ${KEY} holds"
    assert document.told(("b",), document.data["b"]) == "'text'"


def test_a_problem_repeats_what_the_file_says_in_short() -> None:
    document = Document("x.yaml", "")
    document.problem(Mark(1, 1), "k" * 5000, "h" * MAX_TEXT)
    assert (document.problems[0].message, document.problems[0].hint) == ("k" * 997 + "...", "h" * MAX_TEXT)
