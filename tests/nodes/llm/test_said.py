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


def test_a_change_of_feeling_is_in_the_text_that_is_said_and_not_in_the_answer_as_a_whole() -> None:
    said = Said()
    said.take(Piece("안녕! [sad] 아이고. [공지]", "happy"))
    assert said.text == "안녕! [sad] 아이고. [공지]"
    assert said.response("t1", 2.0).response == said.plain == "안녕! 아이고. [공지]"
