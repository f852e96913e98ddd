import pytest

from nodes.llm._model.cache import Cache
from schemas.chat import ChatBatch, ChatMessage, Donation, ViewerEvent, Withdrawn


def batch(
    *texts: str, author: str = "하늘", notes: tuple[str, ...] = (), more: tuple[ViewerEvent, ...] = ()
) -> ChatBatch:
    events = tuple(ChatMessage(id=text, author=author, author_id=author, text=text) for text in texts)
    return ChatBatch(turn="t", lane="chat", events=(*events, *more), notes=notes)


class Now:
    t = 0.0

    def __call__(self) -> float:
        return self.t


def test_the_same_chat_from_somebody_else_gets_the_same_answer_in_any_order_and_case() -> None:
    cache = Cache(60.0, Now())
    cache.put("초코", batch("안녕!!", "Hi ㅋㅋㅋ"), "반가워요.", "happy")
    found = cache.get("초코", batch("hi", "안녕", author="바다"))
    assert found is not None
    assert (found.text, found.emotion) == ("반가워요.", "happy")
    assert cache.get("초코", batch("안녕")) is None


def test_another_persona_says_something_else() -> None:
    cache = Cache(60.0, Now())
    cache.put("초코", batch("안녕"), "반가워요.", "happy")
    assert cache.get("민트", batch("안녕")) is None


@pytest.mark.parametrize(
    "asked",
    [
        batch("안녕", notes=("날씨는 맑음",)),
        batch("안녕", more=(Donation(id="d", author="산", amount=1000),)),
        batch("ㅋㅋㅋ"),
    ],
)
def test_thanks_notes_and_mere_laughter_are_not_kept(asked: ChatBatch) -> None:
    cache = Cache(60.0, Now())
    cache.put("초코", asked, "고마워요.", "happy")
    assert cache.get("초코", asked) is None


def test_an_answer_that_calls_somebody_by_name_is_not_kept() -> None:
    cache = Cache(60.0, Now())
    cache.put("초코", batch("안녕"), "하늘님 안녕하세요.", "happy")
    assert cache.get("초코", batch("안녕")) is None


def test_answers_grow_old() -> None:
    now = Now()
    cache = Cache(60.0, now)
    cache.put("초코", batch("안녕"), "반가워요.", "happy")
    now.t = 61.0
    assert cache.get("초코", batch("안녕")) is None


def test_nothing_is_kept_for_no_time() -> None:
    cache = Cache(0.0, Now())
    cache.put("초코", batch("안녕"), "반가워요.", "happy")
    assert cache.get("초코", batch("안녕")) is None


def test_the_answer_to_a_withdrawn_message_is_gone() -> None:
    cache = Cache(60.0, Now())
    cache.put("초코", batch("안녕"), "반가워요.", "happy")
    cache.withdraw(Withdrawn(author_id="바다"))
    assert cache.get("초코", batch("안녕")) is not None
    cache.withdraw(Withdrawn(author_id="하늘"))
    assert cache.get("초코", batch("안녕")) is None
