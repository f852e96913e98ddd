from nodes.llm._model.answer import Piece
from nodes.llm._said import Said
from schemas.reply import AIResponse


def test_pieces_become_one_answer_with_the_last_feeling() -> None:
    said = Said()
    for piece in (Piece("안녕! ", "happy"), Piece("반가워. ")):
        said.take(piece)
    said.confidence = 0.5
    assert said.response("t1", 2.0) == AIResponse(
        turn="t1", response="안녕! 반가워.", emotion="happy", confidence=0.5, processing_time=2.0
    )
