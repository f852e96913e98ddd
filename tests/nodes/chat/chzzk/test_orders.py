"""nodes/chat/_chzzk/orders.py"""

import asyncio
from typing import Any

import pytest

from nodes.chat._chzzk.orders import SHOWN, Order, read, shown
from nodes.phrases import Phrase
from tests.nodes.chat.fakes import chat

pytestmark = pytest.mark.asyncio
LINES = [chat("m1"), chat("m2")]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "order"),
        ({"order": "ban"}, "order"),
        ({"order": ["notice"]}, "order"),
        ({"order": "notice"}, "text"),
        ({"order": "notice", "text": " \n "}, "text"),
        ({"order": "notice", "text": "가" * 101}, "text"),
        ({"order": "notice", "text": 7}, "text"),
        ({"order": "shield"}, "to"),
        ({"order": "shield", "to": "true"}, "to"),
    ],
)
async def test_what_is_not_an_order_is_refused_by_the_field_that_is_wrong(said: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}:") as caught:
        read(said, LINES)
    assert isinstance(caught.value.args[0], Phrase)


@pytest.mark.parametrize("id_", ["m3", None, 7, []])
async def test_a_line_that_is_not_there_cannot_be_meant(id_: Any) -> None:
    for order in ("hide", "rest"):
        with pytest.raises(ValueError, match="채팅"):
            read({"order": order, "id": id_}, LINES)


async def test_orders_are_read() -> None:
    assert read({"order": "notice", "text": " 공지\n입니다 "}, LINES).text == "공지 입니다"
    assert read({"order": "shield", "to": True}, LINES).to is True
    assert read({"order": "hide", "id": "m2"}, LINES).line is LINES[1]


async def test_the_page_is_answered_once_and_not_at_all_when_it_is_gone() -> None:
    order = Order("notice", asyncio.get_running_loop().create_future())
    order.tell(done=True, note="곧")
    order.tell(done=False)
    assert await order.answer == {"done": True, "note": "곧"}
    gone = Order("notice", asyncio.get_running_loop().create_future())
    gone.answer.cancel()
    gone.tell(done=True)
    assert gone.answer.cancelled()


async def test_a_page_gets_the_newest_lines_first_and_no_sign_that_disturbs_the_others() -> None:
    lines = [chat(f"m{number}") for number in range(SHOWN)]
    lines.append(chat("last", text="\u202e나쁜\n말" + "ㅋ" * 300, author="관리자\u200b", role="manager"))
    newest, *rest = shown(lines)
    assert (newest["id"], newest["user"], newest["manager"], len(newest["message"])) == ("last", "관리자", True, 200)
    assert newest["message"].startswith("나쁜 말ㅋ")
    assert [line["id"] for line in rest] == [f"m{number}" for number in range(SHOWN - 1, 0, -1)]
