"""chat.show"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from nodes.chat import show as module
from nodes.chat.show import Show
from nodes.llm._model import chat_api
from schemas.chat import ChatBatch
from schemas.show import ShowEvent, ShowState
from tests.harness import Ran, run
from tests.nodes.chat.chzzk_channel import LIVE, Channel, Inside
from tests.nodes.chat.fakes import chat
from tests.nodes.llm.chat_server import ChatServer, jsoned, streamed

BEGIN = datetime(2026, 11, 30, 11, 58, 0, tzinfo=UTC)
"""20:58 in Korea, a Monday."""
FOLLOWERS, SETTING = "/open/v1/channels/followers", "/open/v1/lives/setting"
LOGIN = {"client_id": "id"}


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    channel = Channel()
    monkeypatch.setattr(module, "wall", lambda: BEGIN + timedelta(seconds=asyncio.get_running_loop().time()))
    monkeypatch.setattr(Show, "account", lambda *_: Inside(channel))
    monkeypatch.setattr("nodes.chat._chzzk_anon.api.Rest", lambda *_: Inside(channel))
    return channel


def batch(at: float = 0.0, **more: Any) -> tuple[float, ChatBatch]:
    return at, ChatBatch(turn=f"t{at:g}", lane="chat", events=(chat("m", text="지금 몇 시야?"),), **more)


def play(
    *given: tuple[float, ChatBatch],
    seconds: float = 600.0,
    meanwhile: Sequence[tuple[float, Callable[[], Any]]] = (),
    **settings: Any,
) -> Ran:
    async def during(_: Any) -> None:
        for at, change in meanwhile:
            await asyncio.sleep(at - asyncio.get_running_loop().time())
            change()

    ran = run("chat.show", {"batch": given}, settings=settings, complete_at=seconds, until=seconds + 1, during=during)
    assert ran.error is None, ran.error
    assert ran.completed_at == seconds
    return ran


def happened(ran: Ran) -> list[tuple[float, str, str]]:
    return [(at, each.kind, each.text) for at, port, each in ran.out if port == "event" and isinstance(each, ShowEvent)]


def test_without_a_login_the_model_knows_the_time_and_nobody_is_asked(channel: Channel) -> None:
    ran = play(batch(0.0), batch(180.0, notes=("검색 결과",)), seconds=400.0)
    assert [event.notes for event in ran.events("batch")] == [
        ("지금 11월 30일 월요일 20:58",),
        ("지금 11월 30일 월요일 21:01", "검색 결과"),
    ]
    assert [at for at, port, _ in ran.out if port == "batch"] == [0.0, 180.0], "no batch waits"
    assert happened(ran) == [(120.5, "hour", "21")]
    assert channel.asked == []
    assert ran.log == []


def test_with_a_login_it_knows_the_show_and_reports_what_changes(channel: Channel) -> None:
    channel.follow("처음부터")
    channel.follow("있던")

    def change() -> None:
        channel.title, channel.category = "야식 방송", "Just Chatting"
        channel.follow("하늘", "바다")

    ran = play(batch(30.0), batch(90.0), seconds=100.0, meanwhile=[(50.0, change)], goal=10, **LOGIN)
    first, second = ran.events("batch")
    assert first.notes == (
        "지금 11월 30일 월요일 20:58. 방송 제목: 저녁 방송. 카테고리: 마인크래프트. "
        "켠 뒤 새 팔로워 0명 (모두 2명, 목표 10명)",
    )
    assert "야식 방송. 카테고리: Just Chatting. 켠 뒤 새 팔로워 2명 (모두 4명, 목표 10명)" in second.notes[0]
    assert happened(ran) == [
        (60.0, "title", "야식 방송"),
        (60.0, "category", "Just Chatting"),
        (60.0, "follower", "하늘"),
        (60.0, "follower", "바다"),
    ]


def test_the_dock_is_told_what_is_known_when_it_changes_and_nothing_where_nobody_may_ask(channel: Channel) -> None:
    channel.follow("처음부터")

    def change() -> None:
        channel.title = "야식 방송"
        channel.follow("하늘")

    ran = play(seconds=200.0, meanwhile=[(50.0, change)], goal=10, **LOGIN)
    told = [(at, event) for at, port, event in ran.out if port == "state"]
    first = ShowState(title="저녁 방송", category="마인크래프트", followers=1, new_followers=0, goal=10)
    assert told == [(0.0, first), (60.0, replace(first, title="야식 방송", followers=2, new_followers=1))]
    assert play(seconds=200.0).events("state") == []


def test_a_new_channel_gets_thirty_followers_in_a_minute_each_once_and_a_burst_of_a_hundred_is_read_page_by_page(
    channel: Channel,
) -> None:
    names = [f"새{number}" for number in range(30)]
    many = [f"떼{number}" for number in range(100)]
    arrivals = [(20.0 + number, lambda name=name: channel.follow(name)) for number, name in enumerate(names)]
    ran = play(seconds=200.0, meanwhile=[*arrivals, (100.0, lambda: channel.follow(*many))], **LOGIN)
    assert [name for _, _, name in happened(ran) if name != "21"] == names + many
    assert channel.count(FOLLOWERS) == 4 + 2


def test_who_leaves_makes_nobody_new_and_who_comes_back_is_not_new_either(channel: Channel) -> None:
    channel.follow(*(f"옛{number}" for number in range(60)))

    def leave() -> None:
        channel.followers.remove("옛40")

    def back() -> None:
        channel.follow("옛40", "정말새")

    ran = play(seconds=200.0, meanwhile=[(30.0, leave), (90.0, back)], **LOGIN)
    assert [name for _, kind, name in happened(ran) if kind == "follower"] == ["정말새"]


def test_a_missing_scope_is_told_once_and_stops_nothing_else(channel: Channel) -> None:
    channel.scopes.remove("채널 팔로워 조회")
    ran = play(batch(90.0), seconds=3600.0, **LOGIN)
    assert "방송 제목: 저녁 방송" in ran.events("batch")[0].notes[0]
    assert "팔로워" not in ran.events("batch")[0].notes[0]
    (line,) = ran.log
    assert "'채널 팔로워 조회'" in line
    assert channel.count(FOLLOWERS) <= 7, "it is left alone for ten minutes"


def test_an_hour_of_polling_is_a_request_a_minute_for_each_call_and_a_429_is_waited_out(channel: Channel) -> None:
    channel.instead[FOLLOWERS] = deque([(429, "300"), (429, ""), (500, "")])
    ran = play(seconds=3600.0, **LOGIN)
    assert channel.count(SETTING) == 60
    assert channel.count(FOLLOWERS) == 60 - 4
    assert len(ran.log) == 2, "too many requests, and a failure of the service"
    assert len(channel.asked) <= 120


def test_the_total_may_vanish(channel: Channel) -> None:
    channel.tells_total = False
    channel.follow("하늘")
    ran = play(batch(30.0), seconds=40.0, goal=10, **LOGIN)
    assert ran.events("batch")[0].notes[0].endswith("켠 뒤 새 팔로워 0명")


def test_with_a_channel_it_knows_since_when_the_broadcast_is_on(channel: Channel) -> None:
    def begin() -> None:
        channel.on_air = True

    def end() -> None:
        channel.on_air = False

    ran = play(
        batch(30.0),
        batch(4000.0),
        batch(7500.0),
        seconds=8000.0,
        meanwhile=[(50.0, begin), (7300.0, end)],
        channel="a" * 32,
    )
    before, live, after = [event.notes[0] for event in ran.events("batch")]
    assert live.endswith(". 방송 1시간 5분째")
    assert "방송" not in before + after
    assert [(kind, at) for at, kind, _ in happened(ran) if kind != "hour"] == [("live", 60.0), ("ended", 7320.0)]
    assert channel.count(LIVE) == channel.count("")


def test_a_broadcast_that_was_on_before_is_on_for_longer_than_we_know_and_does_not_begin(channel: Channel) -> None:
    channel.on_air = True
    ran = play(batch(1000.0), seconds=1001.0, channel="a" * 32)
    assert ran.events("batch")[0].notes[0].endswith("방송 16분 넘게")
    assert [kind for _, kind, _ in happened(ran)] == ["hour"]


class Echo(ChatServer):
    """A model that answers with the last line of what it was asked."""

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content or b"{}").get("messages", [{"content": ""}])[-1]["content"]
        if '{"note":' in asked:
            self.says = [streamed(jsoned("neutral", json.loads(asked.splitlines()[-1])["note"]))]
        return await super()._answer(request)


@pytest.mark.parametrize(("asked", "known"), [("지금 몇 시야?", "20:58"), ("오늘 무슨 게임 해?", "마인크래프트")])
def test_a_model_that_answers_with_its_last_line_knows_the_time_and_the_game(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: str, known: str
) -> None:
    question = ChatBatch(turn="t", lane="chat", events=(chat("m", text=asked),))
    noted = play((10.0, question), seconds=20.0, **LOGIN).events("batch")
    monkeypatch.setattr(chat_api, "new_client", Echo([]).client)
    (tmp_path / "persona.txt").write_text("너는 초코다.", encoding="utf-8")
    settings = {"base_url": "http://localhost:1/v1", "persona": "persona.txt", "history": None}
    answered = run("llm.reply", {"batch": [(1.0, noted[0])]}, settings=settings, complete_at=30.0, root=tmp_path)
    assert known in "".join(chunk.text for chunk in answered.events("reply")), answered.log
