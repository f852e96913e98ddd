import pytest

from nodes.llm._model import labels
from nodes.llm._model.labels import whose


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("User: ", "theirs"),
        ("시청자 하늘님: ", "theirs"),
        ("### Instruction\n", "theirs"),
        ("[User] ", "theirs"),
        ("하늘 : ", "theirs"),
        ("user\n", "theirs"),
        ("Assistant: ", "own"),
        ("초코: ", "own"),
        ("초코는 ", ""),
        ("초", "perhaps"),
        ("시청자- ", "theirs"),
        ("시청자들: ", "theirs"),
        ("구독자 : ", "theirs"),
        ("시청자의 질문: ", "theirs"),
        ("(시청자) ", "theirs"),
        ("사용자 1– ", "theirs"),
        ("Final Answer: ", "own"),
        ("Use", "perhaps"),
        ("시청자 하", "perhaps"),
        ("하", "perhaps"),
        ("안녕", ""),
        ("user interface. ", ""),
        ("시청자 여러분: ", ""),
    ],
)
def test_a_line_tells_whose_words_follow(line: str, found: str) -> None:
    assert whose(line, ("하늘",), ("초코",))[0] == found


def test_a_new_viewer_costs_no_new_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(labels, "re")  # with which one would be made
    names = tuple(f"하늘{number}" for number in range(10))
    assert whose("하늘7님: 뭐해?", names) == ("theirs", len("하늘7님:"))
    assert whose("하늘8 안녕하세요", names)[0] == ""
