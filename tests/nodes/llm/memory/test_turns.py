"""A turn is remembered as far as it was heard."""

import json

import pytest

from nodes.llm._memory.turns import OPEN, Open, OpenTurns
from schemas.chat import ChatMessage, Withdrawn
from schemas.playback import Heard


def opened(turn: str = "t1", serial: int = 1) -> Open:
    event = ChatMessage(id=turn, author="하늘", author_id=f"u{serial}", text="안녕", received_at=float(serial))
    return Open(serial, turn, (event,), '{"n":1}', 5)


def heard(fraction: float, *, sentence: int = 0, ended: bool = False, text: str = "0123456789") -> Heard:
    return Heard(turn="t1", sentence=sentence, text=text, fraction=fraction, ended=ended)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], ""),
        ([heard(0.0)], ""),
        ([heard(0.0, ended=True)], ""),
        ([heard(0.01)], ""),
        ([heard(0.5)], "01234…"),
        ([heard(0.5), heard(0.7, ended=True)], "0123456…"),
        ([heard(0.99)], "0123456789…"),
        ([heard(0.999, ended=True)], "0123456789"),
        ([heard(0.3), heard(1.0, ended=True)], "0123456789"),
        ([heard(1.0, sentence=1, text="둘째."), heard(1.0, text="첫째.")], "첫째. 둘째."),
        ([heard(1.0, text="첫째."), heard(0.5, sentence=1, text="끊긴 문장.", ended=True)], "첫째. 끊긴…"),
    ],
)
def test_what_was_heard_is_put_together(told: list[Heard], said: str) -> None:
    turn = opened()
    for each in told:
        turn.hear(each)
    assert turn.said == said
    closed = turn.closed(len, 100)
    assert (closed is None) == (not said)
    if closed is not None:
        assert json.loads(closed.assistant) == {"emotion": "neutral", "response": said}
        assert closed.tokens == 5 + len(closed.assistant) + 10
        assert [source.author_id for source in closed.sources] == ["u1"]


def test_an_answer_without_end_is_remembered_in_part() -> None:
    turn = opened()
    turn.hear(heard(1.0, text="가" * 5_000))
    closed = turn.closed(len, 50)
    assert closed is not None
    assert len(json.loads(closed.assistant)["response"]) == 50


def test_when_the_voice_comes_to_a_turn_the_older_ones_are_over() -> None:
    turns = OpenTurns()
    for number in range(1, 5):
        assert turns.add(opened(f"t{number}", number)) == []
    assert [each.turn for each in turns.before("t3")] == ["t1", "t2"]
    assert turns.before("t3") == turns.before("t1") == []
    found = turns.get("t4")
    assert found is not None
    assert found.serial == 4
    assert [each.turn for each in turns.take("t4")] == ["t3", "t4"]
    assert turns.get("t4") is None
    assert list(turns) == []


def test_a_turn_that_is_opened_again_takes_the_place_of_the_first() -> None:
    turns = OpenTurns()
    turns.add(opened("t1", 1))
    turns.add(opened("t2", 2))
    turns.add(opened("t1", 3))
    assert [each.serial for each in turns] == [2, 3]


def test_only_so_many_turns_are_open() -> None:
    turns = OpenTurns()
    over = [each.turn for number in range(OPEN + 3) for each in turns.add(opened(f"t{number}", number))]
    assert over == ["t0", "t1", "t2"]
    assert len(list(turns)) == OPEN


def test_a_turn_with_a_withdrawn_message_is_never_remembered() -> None:
    turns = OpenTurns()
    turn = opened()
    turns.add(turn)
    turn.hear(heard(1.0))
    assert not turns.forget(Withdrawn(author_id="u2"))
    assert turns.forget(Withdrawn(author_id="u1"))
    assert (turn.said, turn.closed(len, 100)) == ("", None)
    turn.hear(heard(1.0))
    assert turn.closed(len, 100) is None
