"""Which words were stopped, and the click that allows them."""

import pytest

from graphs.engine.books.ledger import Ledger
from graphs.engine.observe.stopped import allow, stopped
from nodes.services import Stopped
from schemas.chat import ChatMessage, Withdrawn
from schemas.reply import Sentence


def message(number: int) -> ChatMessage:
    return ChatMessage(id=f"m{number}", author="초코", author_id="u", text=f"말 {number}")


def ledger_of(count: int, by: Stopped) -> Ledger:
    ledger = Ledger(lambda: 0.0)
    for number in range(count):
        ledger.received(message(number))
        ledger.stopped(message(number), by)
    return ledger


def fails(error: Exception) -> Stopped:
    def allow_() -> tuple[str, ...]:
        raise error

    return Stopped("수박", "words.txt", allow_)


def test_the_latest_come_first_and_only_so_many() -> None:
    found = stopped(ledger_of(4, Stopped("수박", "words.txt", None)), 2)
    assert found == [
        {"id": f"m{n}", "author": "초코", "text": f"말 {n}", "word": "수박", "by": "words.txt", "can_allow": False}
        for n in (3, 2)
    ]


def test_only_the_latest_are_remembered() -> None:
    assert len(ledger_of(300, Stopped("수박", "words.txt", None)).stops) == 200


def test_what_was_withdrawn_is_neither_shown_nor_allowed() -> None:
    ledger = ledger_of(1, Stopped("수박", "words.txt", lambda: ("수박바",)))
    ledger.recent.forget(Withdrawn(author_id="u"))
    assert stopped(ledger, 5) == []
    assert allow(ledger, "m0") == {"done": False, "note": "오래되었거나 지워진 말이에요."}


def test_a_click_allows_what_was_said() -> None:
    ledger = ledger_of(1, Stopped("수박", "words.txt", lambda: ("수박바",)))
    assert allow(ledger, "m0") == {"done": True, "said": ["수박바"]}


def test_what_cannot_be_allowed_says_why() -> None:
    assert allow(ledger_of(0, fails(OSError())), "m0")["note"] == "오래되었거나 지워진 말이에요."
    assert allow(ledger_of(1, Stopped("수박", "", None)), "m0")["note"].startswith("이 필터에는 목록 파일이 없어요.")
    assert allow(ledger_of(1, fails(ValueError("안 돼요"))), "m0")["note"] == "안 돼요"
    assert allow(ledger_of(1, fails(OSError(28, "No space left"))), "m0")["note"].endswith("디스크가 가득 찼어요")
    with pytest.raises(ValueError, match="id"):
        allow(ledger_of(1, fails(OSError())), 3)


def test_a_sentence_of_the_character_is_shown_and_allowed_like_a_message() -> None:
    ledger = ledger_of(1, Stopped("수박", "words.txt", None))
    sentence = Sentence(turn="t1", index=2, text="수박바 먹었어요.", spoken="수박바 먹었어요.", emotion="happy")
    ledger.stopped(sentence, Stopped("수박", "words.txt", lambda: ("수박바",)))
    newest = stopped(ledger, 5)[0]
    assert (newest["author"], newest["text"], newest["can_allow"]) == (None, "수박바 먹었어요.", True)
    assert allow(ledger, newest["id"]) == {"done": True, "said": ["수박바"]}


def test_only_the_latest_sentences_are_remembered() -> None:
    ledger = Ledger(lambda: 0.0)
    for number in range(300):
        sentence = Sentence(turn="t", index=number, text="수박", spoken="수박", emotion="happy")
        ledger.stopped(sentence, Stopped("수박", "words.txt", None))
    assert len(ledger.stops) == len(ledger.unsaid) == 200
