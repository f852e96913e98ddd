"""chat.moderate"""

import asyncio
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from graphs.engine.flow.host import Keeping
from nodes.chat.moderate import PATH, Known, Moderate
from nodes.services import Web
from schemas.chat import NO_CHANNEL, ChatMessage, Donation, Withdrawn
from tests.fakes import FakeWeb
from tests.harness import Ran, run
from tests.nodes.chat.chzzk_channel import BLIND, NOTICE, RESTRICT, SETTINGS, Channel, Inside
from tests.nodes.chat.fakes import chat, donation

CHAT = "N2dODq"


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    channel = Channel()
    monkeypatch.setattr(Moderate, "account", lambda *_: Inside(channel))
    return channel


def line(channel: Channel, number: int, author: str = "광고", **more: Any) -> ChatMessage:
    """A line that is in the chat of the channel."""
    channel.lines.add((CHAT, 1_784_690_908_525 + 1000 * number, author))
    at = (1_784_690_908_525 + 1000 * number) / 1000
    return chat(f"m{number}", text=f"광고 {number}", author=author, chat_channel_id=CHAT, sent_at=at, **more)


class Desk:
    """One run of the node, and a person who presses at given times."""

    def __init__(
        self,
        saved: Path,
        *orders: tuple[float, dict[str, Any]],
        lines: Sequence[Any] = (),
        seconds: float = 400.0,
        kept: Keeping | None = None,
        **settings: Any,
    ) -> None:
        self.web = FakeWeb()
        self.answers: list[tuple[float, Any]] = []
        self.shown: list[Any] = []

        async def press(at: float, said: dict[str, Any]) -> None:
            await asyncio.sleep(at - asyncio.get_running_loop().time())
            try:
                answer = await self.web.open["post", PATH](said)
            except ValueError as error:
                answer = str(error)
            self.answers.append((asyncio.get_running_loop().time(), answer))
            self.shown.append(self.web.open["get", PATH]({}) if ("get", PATH) in self.web.open else None)

        async def during(_: object) -> None:
            await asyncio.gather(*(press(at, said) for at, said in orders))

        self.ran: Ran = run(
            "chat.moderate",
            {"line": [(0.5, each) for each in lines]},
            settings={"saved": saved, **settings},
            complete_at=seconds,
            until=seconds + 60,
            services={Web: self.web},
            during=during,
            kept=kept,
        )
        assert self.ran.error is None, self.ran.error
        assert self.ran.completed_at is not None
        assert self.web.open == {}

    def said(self) -> list[Any]:
        return [answer for _, answer in self.answers]


DONE = {"done": True}
UP, DOWN = {"order": "shield", "to": True}, {"order": "shield", "to": False}


def test_nothing_is_sent_unless_somebody_presses(channel: Channel, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "s.json", lines=[line(channel, 1)])
    assert channel.asked == []
    assert desk.ran.log == []


def test_a_notice_is_pinned(channel: Channel, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "s.json", (1.0, {"order": "notice", "text": "오늘은 10시에 끝나요"}))
    assert desk.said() == [DONE]
    assert channel.notices == ["오늘은 10시에 끝나요"]


def test_the_shield_goes_up_and_down(channel: Channel, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "s.json", (1.0, UP), (2.0, DOWN), slow_s=10, follower_minutes=5)
    assert desk.said() == [DONE, DONE]
    assert [shown["shield"]["up"] for shown in desk.shown] == [True, False]
    assert [(each["chatSlowModeSec"], each["chatAvailableGroup"]) for each in channel.changes] == [
        (10, "FOLLOWER"),
        (0, "ALL"),
    ]


def test_the_end_of_the_show_lowers_the_shield(channel: Channel, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "s.json", (1.0, UP), seconds=10.0)
    assert [each["chatSlowModeSec"] for each in channel.changes] == [30, 0]
    assert any("방패" in told for told in desk.ran.log)
    assert list(tmp_path.iterdir()) == []


def test_after_a_kill_the_start_lowers_the_shield_and_tries_until_it_can(channel: Channel, tmp_path: Path) -> None:
    saved = tmp_path / "s.json"
    saved.write_text('{"v": 1, "before": {"chatSlowModeSec": 3}, "ours": {"chatSlowModeSec": 30}}', "utf-8")
    channel.settings["chatSlowModeSec"] = 30
    channel.instead[SETTINGS] = deque([(500, ""), (429, "90")])
    desk = Desk(saved, (31.0, {"order": "notice", "text": "잠시만요"}), seconds=200.0)
    assert channel.settings["chatSlowModeSec"] == 3
    assert channel.count(SETTINGS) == 4, "at 0, 30 and 120 s, and then the change"
    assert desk.shown[0]["shield"] == {"up": False, "back": True, "slow_s": 30}
    assert not saved.exists()


def test_a_reload_keeps_the_shield_up(channel: Channel, tmp_path: Path) -> None:
    kept = Keeping()
    kept.keep("known", Known).up = True
    desk = Desk(tmp_path / "s.json", (1.0, {"order": "notice", "text": "안녕"}), seconds=10.0, kept=kept)
    assert desk.shown[0]["shield"]["up"] is True
    assert [each["chatSlowModeSec"] for each in channel.changes] == [30, 0]


def test_a_line_is_hidden_here_at_once_and_in_the_chat_of_chzzk(channel: Channel, tmp_path: Path) -> None:
    first, second = line(channel, 1), line(channel, 2)
    desk = Desk(tmp_path / "s.json", (1.0, {"order": "hide", "id": "m1"}), lines=[first, second])
    assert desk.said() == [DONE]
    [(at, _, withdrawn)] = desk.ran.out
    assert at == 1.0
    assert isinstance(withdrawn, Withdrawn)
    assert [withdrawn.covers(each) for each in (first, second)] == [True, False]
    assert len(channel.lines) == 1
    assert [each["id"] for each in desk.shown[0]["lines"]] == ["m2"]


def test_a_viewer_who_rests_has_no_line_left(channel: Channel, tmp_path: Path) -> None:
    lines = [line(channel, 1), line(channel, 2), line(channel, 3, "달토끼")]
    desk = Desk(tmp_path / "s.json", (1.0, {"order": "rest", "id": "m1"}), lines=lines)
    assert desk.said() == [DONE]
    assert channel.restricted == ["광고"]
    withdrawn = [event for event in desk.ran.events() if isinstance(event, Withdrawn)]
    assert [any(each.covers(one) for each in withdrawn) for one in lines] == [True, True, False]
    paid = Donation(id="d1", author="광고", author_id="광고", amount=1000, sent_at=1_784_690_909.0)
    assert not any(each.covers(paid) for each in withdrawn), "what the viewer paid for is still answered"
    assert [each["id"] for each in desk.shown[0]["lines"]] == ["m3"]


def test_only_lines_that_chzzk_can_hide_are_offered(channel: Channel, tmp_path: Path) -> None:
    lines = [
        line(channel, 1),
        chat("typed", chat_channel_id="typed", channel_id=NO_CHANNEL),
        chat("other service"),
        chat("own", chat_channel_id=CHAT, role="streamer"),
        donation("d1"),
    ]
    desk = Desk(tmp_path / "s.json", (1.0, {"order": "notice", "text": "안녕"}), lines=lines)
    assert [each["id"] for each in desk.shown[0]["lines"]] == ["m1"]


def test_what_chzzk_refuses_is_told_and_the_line_is_gone_here_all_the_same(channel: Channel, tmp_path: Path) -> None:
    channel.scopes.remove("채팅 메시지 쓰기")
    gone, manager = line(channel, 2), line(channel, 3, "관리자", role="manager")
    channel.managers.add("관리자")
    desk = Desk(
        tmp_path / "s.json",
        (1.0, {"order": "hide", "id": "m1"}),
        (2.0, {"order": "hide", "id": "m1"}),
        (3.0, {"order": "rest", "id": "m3"}),
        lines=[line(channel, 1), gone, manager],
    )
    assert [answer["done"] for answer in desk.said()] == [False, False, False]
    assert "'채팅 메시지 쓰기'" in desk.said()[0]["note"]
    assert "매니저" in desk.said()[2]["note"]
    assert len(desk.ran.events()) == 2, "it was withdrawn at each press; the manager's line was not"
    assert len([told for told in desk.ran.log if "채팅 메시지 쓰기" in told]) == 1, "a missing scope is told once"


def test_a_line_that_is_not_there_any_more_is_as_good_as_hidden(channel: Channel, tmp_path: Path) -> None:
    there = line(channel, 1)
    channel.lines.clear()
    desk = Desk(tmp_path / "s.json", (1.0, {"order": "hide", "id": "m1"}), lines=[there])
    assert desk.said()[0]["done"] is False
    assert desk.shown[0]["lines"] == []


@pytest.mark.parametrize(
    ("said", "scope", "path"),
    [
        ({"order": "notice", "text": "안녕"}, "채팅 공지 쓰기", NOTICE),
        (UP, "채팅 설정 조회", SETTINGS),
        (UP, "채팅 설정 변경", SETTINGS),
        ({"order": "hide", "id": "m1"}, "채팅 메시지 쓰기", BLIND),
        ({"order": "rest", "id": "m1"}, "활동제한 쓰기", RESTRICT),
    ],
)
def test_each_missing_scope_is_told_once_and_stops_nothing_else(
    channel: Channel, tmp_path: Path, said: dict[str, Any], scope: str, path: str
) -> None:
    channel.scopes.remove(scope)
    desk = Desk(tmp_path / "s.json", (1.0, said), (2.0, said), lines=[line(channel, 1)], seconds=100.0)
    assert all(scope in answer["note"] for answer in desk.said())
    [told] = desk.ran.log
    assert f"'{scope}'" in told
    assert channel.count(path) > 0
    assert channel.changes == []
    assert list(tmp_path.iterdir()) == []
    assert [shown["shield"]["up"] for shown in desk.shown] == [False, False]


def test_a_busy_service_is_waited_for_and_the_page_is_told(channel: Channel, tmp_path: Path) -> None:
    channel.instead[NOTICE] = deque([(429, "20"), (429, "")])
    desk = Desk(
        tmp_path / "s.json",
        (1.0, {"order": "notice", "text": "하나"}),
        (2.0, {"order": "notice", "text": "둘"}),
    )
    (first, told), (second, later) = desk.answers
    assert (first, second) == (1.0, 8.0), "a page does not wait for half a minute"
    assert told["done"] is later["done"] is True
    assert "20초" in told["note"]
    assert "아직" in later["note"]
    assert channel.notices == ["하나", "둘"]


def test_a_service_that_stays_busy_is_not_asked_for_ever(channel: Channel, tmp_path: Path) -> None:
    channel.instead[NOTICE] = deque([(429, "5")] * 20)
    desk = Desk(tmp_path / "s.json", (1.0, {"order": "notice", "text": "하나"}))
    assert channel.count(NOTICE) == 5
    assert len(desk.ran.log) == 1


def test_the_end_does_not_wait_for_a_busy_service(channel: Channel, tmp_path: Path) -> None:
    channel.instead[NOTICE] = deque([(429, "300")])
    desk = Desk(
        tmp_path / "s.json",
        (1.0, {"order": "notice", "text": "하나"}),
        (2.0, {"order": "notice", "text": "둘"}),
        seconds=10.0,
    )
    assert desk.ran.completed_at == 10.0
    assert [answer["done"] for answer in desk.said()] == [True, True]
    assert channel.notices == []


def test_an_order_that_the_end_overtakes_is_answered(channel: Channel, tmp_path: Path) -> None:
    channel.instead[NOTICE] = deque([(429, "300")])
    orders = [(1.0, {"order": "notice", "text": "하나"}), (8.0, {"order": "notice", "text": "둘"})]
    desk = Desk(tmp_path / "s.json", *orders, seconds=10.0)
    at, answer = desk.answers[1]
    assert (at, answer["done"]) == (10.0, False)


def test_more_orders_than_a_person_gives_are_refused(channel: Channel, tmp_path: Path) -> None:
    channel.instead[NOTICE] = deque([(429, "20")])
    orders = [(1.0 + number / 100, {"order": "notice", "text": str(number)}) for number in range(25)]
    desk = Desk(tmp_path / "s.json", *orders)
    assert len([answer for answer in desk.said() if isinstance(answer, str)]) == 5


def test_a_damaged_file_is_told_and_the_desk_works(channel: Channel, tmp_path: Path) -> None:
    saved = tmp_path / "shield.json"
    saved.write_text("{", "utf-8")
    desk = Desk(saved, (1.0, {"order": "notice", "text": "안녕"}), seconds=100.0)
    assert desk.said() == [DONE]
    assert "shield.bad" in desk.ran.log[0]


@pytest.mark.parametrize("wrong", [{"slow_s": 7}, {"slow_s": 0}, {"follower_minutes": 7}])
def test_only_values_that_chzzk_accepts_can_be_set(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Input should be"):
        Moderate(**wrong)
