"""What is written to the files comes back as it was, and nothing else is taken."""

import pytest
from pydantic import ValidationError

from nodes.llm._memory.history import Source, Turn
from nodes.llm._memory.records import NoteRecord, PieceRecord, RecentFile, SummaryFile, TurnRecord
from nodes.llm._memory.summary import Piece
from nodes.llm._memory.viewers import Note

SOURCES = (Source("u1", 5.25), Source("u2"))
TURN = Turn(7, '{"n":1}', '{"emotion":"happy","response":"네."}', 0, SOURCES)
PIECE = Piece(3, 1, "하늘님이 왔다.", 0, SOURCES)
NOTE = Note("하늘", "안녕", "반가워요", 7, Source("u1", 5.25))


def test_turns_pieces_and_notes_come_back_as_they_were() -> None:
    assert TurnRecord.model_validate_json(TurnRecord.of(TURN).model_dump_json()).turn() == TURN
    assert PieceRecord.model_validate_json(PieceRecord.of(PIECE).model_dump_json()).piece() == PIECE
    assert NoteRecord.model_validate_json(NoteRecord.of(NOTE).model_dump_json()).note() == NOTE


def test_when_a_message_came_by_the_clock_of_a_run_is_not_written() -> None:
    turn = Turn(7, "", TURN.assistant, 12, (Source("u1", None, 99.0),))
    assert TurnRecord.of(turn).turn() == Turn(7, "", TURN.assistant, 0, (Source("u1"),))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '{"version": 2}',
        '{"version": 1, "surprise": 1}',
        '{"turns": [{"serial": "1", "user": "", "assistant": "{}", "sources": []}]}',
        '{"turns": [{"serial": 1, "user": "", "assistant": "no JSON", "sources": []}]}',
        '{"turns": [{"serial": 1, "user": "", "assistant": "{\\"response\\": 1}", "sources": []}]}',
    ],
)
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        RecentFile.model_validate_json(text)


def test_an_empty_object_is_an_empty_memory() -> None:
    assert SummaryFile.model_validate_json("{}") == SummaryFile()
