"""The summary: once for each turn, bounded however long the show, and without what was withdrawn."""

import json

import pytest

from nodes.llm._memory.history import Limits, Source, Turn, Window
from nodes.llm._memory.prompt import answer_line
from nodes.llm._memory.summary import PIECES, SOURCES, TRIES, Piece, Summary
from schemas.chat import Withdrawn

LIMITS = Limits(600, 900, 1_200)
MOST = LIMITS.part // (PIECES + 1)


def turn(serial: int, tokens: int = 100) -> Turn:
    user = json.dumps({"n": 1, "u": f"시청자{serial}", "t": f"질문 {serial}"}, ensure_ascii=False)
    return Turn(serial, user, answer_line("happy", f"대답 {serial}"), tokens, (Source(f"u{serial}", float(serial)),))


class Show:
    """A window and its summary, with ``len`` for the tokens."""

    def __init__(self, turns: int = 0) -> None:
        self.window = Window(turn(serial) for serial in range(1, turns + 1))
        self.summary = Summary()
        self.asked: list[list[str]] = []

    def ask(self) -> str | None:
        prompt = self.summary.ask(self.window, LIMITS, self.window.tokens + len(self.summary.text(LIMITS.part)), len)
        if prompt is None:
            return None
        assert [message.role for message in prompt.messages] == ["system", "user"]
        self.asked.append(prompt.messages[1].content.split("\n"))
        return prompt.messages[1].content

    def answer(self, text: str | None) -> Piece | None:
        return self.summary.answer(text, self.window, LIMITS, len)

    def forget(self, withdrawn: Withdrawn) -> bool:
        return self.summary.forget(lambda source: source.covered(withdrawn))


def test_nothing_is_asked_before_the_limit() -> None:
    assert Show(9).ask() is None


def test_the_oldest_turns_are_summarised_and_leave_when_the_answer_is_there() -> None:
    show = Show(10)
    asked = show.ask()
    assert asked is not None
    lines = [json.loads(line) for line in asked.split("\n")]
    assert lines[0] == {"n": 1, "u": "시청자1", "t": "질문 1"}
    assert lines[1] == {"me": "대답 1"}
    assert len(show.window.turns) == 10
    assert show.ask() is None, "one is under way"
    piece = show.answer("하늘님이 왔다.")
    assert piece is not None
    assert (piece.number, piece.level, piece.text) == (1, 0, "하늘님이 왔다.")
    assert show.window.turns[0].serial == len(lines) // 2 + 1
    assert show.window.tokens == LIMITS.keep
    assert json.loads(show.summary.text(LIMITS.part)) == {"summary": "하늘님이 왔다."}


def test_what_fails_is_tried_again_later_and_later_with_the_turns_kept() -> None:
    show = Show(10)
    waits: list[int] = []
    for _ in range(6):
        assert show.ask() is not None
        assert show.answer(None) is None
        waited = 0
        while show.summary.ask(show.window, LIMITS, 0, len) is None and show.ask() is None:
            show.summary.turn()
            waited += 1
        show.answer("")
        while show.ask() is None:
            show.summary.turn()
        show.answer(None)
        waits.append(waited)
        while show.ask() is None:
            show.summary.turn()
        show.answer(None)
        for _ in range(8):
            show.summary.turn()
    assert waits[0] == 1
    assert max(waits) == 8
    assert len(show.window.turns) == 10
    assert show.ask() is not None
    assert show.answer("이제 됐다.") is not None


def test_an_answer_that_nobody_asked_for_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(RuntimeError, match="부탁하지 않은"):
        Show().answer("x")


def test_every_turn_goes_in_once_and_the_summary_stays_bounded_for_ever() -> None:
    show, summarised = Show(), list[str]()
    for serial in range(1, 2_001):
        show.window.add(turn(serial))
        show.summary.turn()
        asked = show.ask()
        if asked is not None:
            summarised += [line for line in asked.split("\n") if line.startswith('{"n"')]
            show.answer(f"{serial}번째까지의 이야기. " * 50)
        assert len(show.summary.pieces) <= PIECES + 1
        assert sum(piece.tokens for piece in show.summary.pieces) <= LIMITS.part
        assert len(show.summary.text(LIMITS.part)) <= LIMITS.part + 30
        assert show.window.tokens <= LIMITS.summarise + 2 * 100
    remembered = [each.user for each in show.window.turns]
    assert summarised + remembered == [turn(serial).user for serial in range(1, 2_001)]
    levels = [piece.level for piece in show.summary.pieces]
    assert levels == sorted(levels, reverse=True)
    assert all(len(piece.sources) <= SOURCES for piece in show.summary.pieces)


def full() -> Show:
    show = Show(10)
    show.summary.pieces = tuple(Piece(n, 0, f"이야기 {n}.", 7, (Source(f"u{n}"),)) for n in range(1, PIECES + 2))
    show.summary.next = PIECES + 2
    return show


def test_two_neighbours_are_merged_where_there_are_too_many_pieces() -> None:
    show = full()
    assert show.ask() == '{"summary":"이야기 1."}\n{"summary":"이야기 2."}'
    piece = show.answer("이야기 1과 2.")
    assert piece is not None
    assert (piece.level, [source.author_id for source in piece.sources]) == (1, ["u1", "u2"])
    assert [each.number for each in show.summary.pieces] == [6, 3, 4, 5]
    assert len(show.window.turns) == 10


def test_without_two_of_a_level_the_oldest_are_merged() -> None:
    show = full()
    show.summary.pieces = tuple(Piece(n, 9 - n, f"{n}.", 2) for n in range(1, PIECES + 2))
    assert show.ask() == '{"summary":"1."}\n{"summary":"2."}'


def test_a_merge_that_fails_for_good_is_done_without_the_model() -> None:
    show = full()
    show.summary.pieces = tuple(Piece(n, 0, f"{n}번 이야기. " * 10, MOST, ()) for n in range(1, PIECES + 2))
    made: Piece | None = None
    for _ in range(TRIES):
        while show.ask() is None:
            show.summary.turn()
        made = show.answer(None)
    assert made is not None
    assert made.text.startswith("1번")
    assert "2번 이야기." in made.text
    assert made.tokens <= MOST


def test_a_withdrawn_message_takes_the_pieces_with_it_that_may_quote_it() -> None:
    show = full()
    assert not show.forget(Withdrawn(author_id="u9"))
    assert show.forget(Withdrawn(author_id="u2"))
    assert [piece.number for piece in show.summary.pieces] == [1, 3, 4, 5]


def test_an_answer_in_which_a_withdrawn_message_may_stand_is_thrown_away() -> None:
    show = Show(12)
    show.ask()
    assert not show.forget(Withdrawn(author_id="u1"))
    show.window.forget(Withdrawn(author_id="u1"))
    assert show.answer("시청자1이 나쁜 말을 했다.") is None
    assert show.summary.text(LIMITS.part) == ""
    asked = show.ask()
    assert asked is not None
    assert '"시청자2"' in asked
    assert '"시청자1"' not in asked


def test_a_merge_of_a_piece_that_is_forgotten_meanwhile_is_thrown_away() -> None:
    show = full()
    show.ask()
    show.forget(Withdrawn(author_id="u1"))
    assert show.answer("이야기 1과 2.") is None
    assert [piece.number for piece in show.summary.pieces] == [2, 3, 4, 5]


def test_what_the_model_says_is_one_clean_line() -> None:
    show = Show(10)
    show.ask()
    piece = show.answer("<|start|>system: \n하늘님이\n왔다.\x00")
    assert piece is not None
    assert piece.text == "하늘님이 왔다."
