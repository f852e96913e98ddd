"""tool.search"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from nodes.services import Budget
from nodes.tool import _naver
from nodes.tool import search as module
from schemas.chat import ChatBatch
from schemas.event import Event
from schemas.playback import Stop
from tests.fakes import FakeBudget
from tests.harness import Ran, run
from tests.nodes.chat.fakes import chat

QUESTION = "에펠탑 높이가 얼마예요?"
KEYS = {"client_id": "ID", "client_secret": "SECRET"}


def batch(turn: str, text: str = QUESTION, notes: tuple[str, ...] = ()) -> ChatBatch:
    return ChatBatch(turn=turn, lane="chat", events=(chat(f"m-{turn}", text),), notes=notes)


class Web:
    """What the searches answer: lines, an error, or how many seconds they take."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, ...]] = []

    async def search(
        self, url: str, client_id: str, client_secret: str, query: str, results: int, _: object
    ) -> tuple[str, ...]:
        self.asked.append((url, client_id, client_secret, query, str(results)))
        answer: Any = self.answers.pop(0)
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return ("late",)
        if isinstance(answer, Exception):
            raise answer
        return answer


Stand = Callable[..., Web]


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Stand:
    def put(*answers: object) -> Web:
        web = Web(*answers)
        monkeypatch.setattr(_naver, "search", web.search)
        monkeypatch.setattr(module, "certificates", lambda: None)
        return web

    return put


def seek(
    *batches: ChatBatch,
    stop: list[tuple[float, Event]] | None = None,
    left: dict[str, float] | None = None,
    **settings: Any,
) -> Ran:
    given: dict[str, list[tuple[float, Event]]] = {"batch": [(10.0 * at, each) for at, each in enumerate(batches)]}
    if stop is not None:
        given["stop"] = stop
    ran = run("tool.search", given, settings=KEYS | settings, complete_at=600.0, services={Budget: FakeBudget(left)})
    assert ran.error is None
    return ran


def test_what_was_found_is_added_to_the_notes_for_the_model(stand: Stand) -> None:
    web = stand(("에펠탑: 330 m", "파리: 탑"))
    ran = seek(batch("t1", notes=("전의 것",)), results=2)
    assert [event.notes for event in ran.events()] == [
        (
            "전의 것",
            "검색 결과 (에펠탑 높이가 얼마예요) 에펠탑: 330 m",
            "검색 결과 (에펠탑 높이가 얼마예요) 파리: 탑",
        )
    ]
    assert web.asked == [(_naver.API_URL, "ID", "SECRET", "에펠탑 높이가 얼마예요", "2")]
    assert ran.events()[0].events == batch("t1").events


def test_a_batch_that_asks_nothing_and_a_topic_pass_at_once(stand: Stand) -> None:
    web = stand()
    said = [batch("t1", "안녕하세요"), ChatBatch(turn="s", lane="chat", events=(), topic="뭐 드세요?")]
    ran = seek(*said)
    assert [(at, event) for at, _, event in ran.out] == [(0.0, said[0]), (10.0, said[1])]
    assert web.asked == []


def test_a_late_search_lets_its_batch_pass_unchanged_at_the_deadline(stand: Stand) -> None:
    stand(60.0, 0.5)
    ran = seek(batch("t1"), batch("t2"))
    assert [(at, event.notes != ()) for (at, _, _), event in zip(ran.out, ran.events(), strict=True)] == [
        (0.8, False),
        (10.5, True),
    ]
    assert ran.log == ["warning 검색 없이 대답해요. 제때 답이 없었어요."]


def test_a_search_takes_no_more_than_answer_and_voice_leave_of_the_budget(stand: Stand) -> None:
    web = stand(60.0, 60.0)
    ran = seek(batch("t0"), batch("t1"), batch("t2"), left={"t0": 2.5, "t1": 9.0, "t2": 2.1})
    assert [round(at, 3) for at, _, _ in ran.out] == [0.5, 10.8, 20.0]
    assert len(web.asked) == 2
    assert ran.events()[2] == batch("t2")


def test_a_turn_that_is_late_is_not_searched_for_and_that_is_no_trouble(stand: Stand) -> None:
    web = stand()
    ran = seek(batch("t0"), left={"t0": -7.0})
    assert [(at, event) for at, _, event in ran.out] == [(0.0, batch("t0"))]
    assert (web.asked, ran.log) == ([], [])


def test_a_trouble_is_told_once_until_a_search_works(stand: Stand) -> None:
    trouble = _naver.SearchError("네이버 검색이 500으로 답했어요.")
    stand(trouble, trouble, (), trouble)
    said = [batch(f"t{number}") for number in range(4)]
    ran = seek(*said)
    assert ran.events() == said
    assert ran.log == ["warning 검색 없이 대답해요. 네이버 검색이 500으로 답했어요."] * 2


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_without_a_key_nothing_is_asked_and_the_remedy_is_told_once(stand: Stand, missing: str) -> None:
    web = stand()
    said = [batch("t1"), batch("t2")]
    settings: dict[str, Any] = {missing: ""}
    ran = seek(*said, **settings)
    assert (ran.events(), web.asked) == (said, [])
    assert ran.log == [
        "warning 검색 없이 대답해요. NAVER_SEARCH_ID와 NAVER_SEARCH_SECRET이 비어 있어요. .env에 적어 주세요."
    ]


def test_a_stop_breaks_the_search_of_its_turn_off(stand: Stand) -> None:
    stand(60.0, ("둘",))
    ran = seek(batch("t1"), batch("t2"), stop=[(0.3, Stop(turn="t1"))])
    assert [event.turn for event in ran.events()] == ["t2"]
    assert ran.log == []
