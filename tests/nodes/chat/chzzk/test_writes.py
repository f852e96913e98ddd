"""nodes/chat/_chzzk/writes.py against the service in miniature, over HTTP."""

from typing import Any

import pytest

from nodes.chat._chzzk.account import Account, Forbidden
from nodes.chat._chzzk.rest import BadRequest, NotFound, ServiceError
from nodes.chat._chzzk.writes import blind, change_settings, chat_settings, notice, restrict
from nodes.phrases import Phrase
from schemas.chat import ChatMessage
from tests.nodes.chat.chzzk.test_channel import asked
from tests.nodes.chat.chzzk_channel import FOLLOWER, NOTICE, SCOPES, SLOW, Channel

LINE = ChatMessage(id="m", author="광고", author_id="a" * 32, chat_channel_id="N2dODq", sent_at=1784690908.525)


def test_a_notice_is_pinned() -> None:
    channel = Channel()
    asked(channel, lambda account: notice(account, "오늘은 10시에 끝나요"))
    assert channel.notices == ["오늘은 10시에 끝나요"]


def test_an_answer_without_a_body_is_one_too_but_only_where_it_is_documented() -> None:
    async def empty(account: Account) -> None:
        await notice(account, "안녕")

    channel = Channel()

    class Empty(Channel):
        def answer(self, *asked: Any) -> tuple[int, Any, str]:
            channel.answer(*asked)
            return 200, b"", ""

    asked(Empty(), empty)
    assert channel.notices == ["안녕"]
    with pytest.raises(ServiceError):
        asked(Empty(), chat_settings)


def test_settings_are_changed_and_only_the_listed_values_are_taken() -> None:
    channel = Channel()

    async def change(account: Account, **values: Any) -> None:
        await change_settings(account, {**await chat_settings(account), **values})

    for slow, minutes in zip(SLOW, FOLLOWER, strict=False):
        asked(channel, lambda account, s=slow, m=minutes: change(account, chatSlowModeSec=s, minFollowerMinute=m))
        assert (channel.settings["chatSlowModeSec"], channel.settings["minFollowerMinute"]) == (slow, minutes)
    for wrong in ({"chatSlowModeSec": 7}, {"minFollowerMinute": 7}):
        with pytest.raises(BadRequest, match="값이 올바르지 않습니다"):
            asked(channel, lambda account, values=wrong: change(account, **values))


@pytest.mark.parametrize("lacks", [{"chatSlowModeSec": "3"}, {"chatSlowModeSec": True}, {"chatSlowModeSec": None}])
def test_settings_without_the_slow_mode_are_unreadable(lacks: dict[str, Any]) -> None:
    channel = Channel()
    channel.settings |= lacks
    with pytest.raises(ServiceError):
        asked(channel, chat_settings)


def test_what_the_service_adds_to_the_settings_is_not_sent_back() -> None:
    channel = Channel()
    channel.settings["somethingNew"] = 1
    assert "somethingNew" not in asked(channel, chat_settings)


def test_a_line_is_hidden_by_its_chat_its_time_to_the_millisecond_and_its_author() -> None:
    channel = Channel()
    channel.lines.add(("N2dODq", 1784690908525, "a" * 32))
    asked(channel, lambda account: blind(account, LINE))
    assert channel.lines == set()
    with pytest.raises(NotFound):
        asked(channel, lambda account: blind(account, LINE))


def test_a_viewer_pauses_for_a_minute_and_a_manager_does_not() -> None:
    channel = Channel()
    asked(channel, lambda account: restrict(account, LINE))
    assert channel.restricted == ["a" * 32]
    channel.managers.add("a" * 32)
    with pytest.raises(BadRequest):
        asked(channel, lambda account: restrict(account, LINE))
    assert all("/restrict-channels" not in path.replace("temporary-restrict", "") for path in channel.asked)


CALLS = {
    "채팅 공지 쓰기": lambda account: notice(account, "안녕"),
    "채팅 설정 조회": chat_settings,
    "채팅 설정 변경": lambda account: change_settings(account, {"chatSlowModeSec": 3}),
    "채팅 메시지 쓰기": lambda account: blind(account, LINE),
    "활동제한 쓰기": lambda account: restrict(account, LINE),
}


@pytest.mark.parametrize("scope", CALLS)
def test_a_missing_scope_is_named_in_both_languages(scope: str) -> None:
    channel = Channel()
    channel.scopes.remove(scope)
    with pytest.raises(Forbidden, match=f"'{scope}'") as caught:
        asked(channel, CALLS[scope])
    told = caught.value.args[0]
    assert isinstance(told, Phrase)
    assert f"add the API scope '{scope}'" in told.told("en")
    assert f"'{scope}'" in told.told("ko")
    assert "개발자 센터" in told.told("ko")


def test_the_scope_of_the_stream_key_is_never_asked_for() -> None:
    assert "방송 스트림키 조회" not in SCOPES.values()
    assert NOTICE in {call.partition(" ")[2] for call in SCOPES}
