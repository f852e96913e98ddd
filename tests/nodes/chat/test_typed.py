"""chat.typed"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.flow.instance import Instance
from nodes.services import Web
from schemas.chat import NO_CHANNEL, RawPayload
from tests.graphs.engine.studio.show import told
from tests.harness import Ran, run
from tests.nodes.chat.fakes import CHAT, DONATION, SUBSCRIPTION, FakeWeb


def say(*bodies: dict[str, Any]) -> tuple[Ran, list[Any], FakeWeb]:
    web = FakeWeb()
    answers: list[Any] = []

    async def person(_: Instance) -> None:
        await asyncio.sleep(0)
        for body in bodies:
            answers.append(web.routes["/api/say"](body))

    ran = run("chat.typed", {}, services={Web: web}, until=1, during=person)
    return ran, answers, web


def payload(event: RawPayload) -> dict[str, Any]:
    assert isinstance(event.payload, str)
    return json.loads(event.payload)


def test_what_is_typed_has_the_measured_wire_form_of_a_chat_message() -> None:
    ran, answers, _ = say({"text": "안녕!"})
    (event,) = ran.events()
    sent = payload(event)
    assert answers[0]["ok"] is True
    assert event.event == "CHAT"
    assert set(sent) == set(CHAT)
    assert set(sent["profile"]) == set(CHAT["profile"])
    assert (sent["content"], sent["profile"]["nickname"]) == ("안녕!", "나")
    assert sent["senderChannelId"] != sent["channelId"]
    assert len(sent["senderChannelId"]) == 32


def test_a_donation_and_a_subscription_have_theirs() -> None:
    ran, _, _ = say(
        {"text": "힘내", "kind": "donation", "amount": 5000, "name": "철수"},
        {"kind": "donation"},
        {"text": "구독!", "kind": "subscription", "months": 7},
    )
    donated, plain, subscribed = ran.events()
    assert [event.event for event in ran.events()] == ["DONATION", "DONATION", "SUBSCRIPTION"]
    assert set(payload(donated)) == set(DONATION)
    assert payload(donated)["payAmount"] == 5000
    assert payload(donated)["donatorNickname"] == "철수"
    assert payload(plain)["payAmount"] == 1000
    assert set(payload(subscribed)) == {*SUBSCRIPTION, "eventSentAt"}
    assert payload(subscribed)["month"] == 7


def test_it_comes_through_no_channel_or_through_the_one_that_is_named() -> None:
    ran, _, _ = say({"text": "1"}, {"text": "2", "channel": "c" * 32}, {"kind": "donation", "channel": "둘째"})
    assert [payload(event)["channelId"] for event in ran.events()] == [NO_CHANNEL, "c" * 32, "둘째"]


def test_each_name_has_one_sender_id() -> None:
    ran, _, _ = say({"text": "1", "name": "가"}, {"text": "2", "name": "나"}, {"text": "3", "name": "가"})
    first, second, third = [payload(event)["senderChannelId"] for event in ran.events()]
    assert first == third != second


def test_the_page_learns_the_id_under_which_the_graph_knows_what_it_sent() -> None:
    bodies = ({"text": " 안녕 "}, {"kind": "donation", "text": "힘내"}, {"kind": "subscription", "months": 3})
    ran, answers, _ = say(*bodies)
    parsed = run("chat.parse", {"payload": [(float(at), event) for at, event in enumerate(ran.events())]})
    assert [event.id for event in parsed.events("chat")] == [answer["id"] for answer in answers]


@pytest.mark.parametrize("guest", [False, True])
def test_what_a_guest_types_is_known_as_a_guests_behind_the_parser(guest: bool) -> None:
    web = FakeWeb()

    async def person(_: Instance) -> None:
        await asyncio.sleep(0)
        web.routes["/api/say"]({"text": "안녕"})

    ran = run("chat.typed", {}, settings={"guest": guest}, services={Web: web}, until=1, during=person)
    parsed = run("chat.parse", {"payload": [(0.0, event) for event in ran.events()]})
    assert [event.guest for event in parsed.events("chat")] == [guest]


def test_the_same_words_twice_at_once_are_two_events() -> None:
    ran, _, _ = say(*[{"text": "ㅋㅋ"}] * 20)
    times = [payload(event)["messageTime"] for event in ran.events()]
    assert times == sorted(set(times))
    parsed = run(
        "chat.parse", {"payload": [(float(at), event) for at, event in enumerate(ran.events())]}, complete_at=99.0
    )
    assert len({event.id for event in parsed.events("chat")}) == 20


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "  \x00 "}, "text"),
        ({"text": 5}, "text"),
        ({"text": "가" * 501}, "text: 500"),
        ({"text": "a", "name": "가" * 41}, "name"),
        ({"text": "a", "channel": 1}, "channel"),
        ({"text": "a", "kind": "raid"}, "kind"),
        ({"text": "a", "kind": ["chat"]}, "kind"),
        ({"text": "a", "kind": "donation", "amount": 0}, "amount"),
        ({"text": "a", "kind": "donation", "amount": "1000"}, "amount"),
        ({"text": "a", "kind": "donation", "amount": True}, "amount"),
        ({"text": "a", "kind": "subscription", "months": 1201}, "months"),
    ],
)
def test_a_mistake_is_told_and_sends_nothing(body: dict[str, Any], field: str) -> None:
    web = FakeWeb()

    async def person(_: Instance) -> None:
        await asyncio.sleep(0)
        with pytest.raises(ValueError, match=field):
            web.routes["/api/say"](body)

    assert run("chat.typed", {}, services={Web: web}, until=1, during=person).out == []


def test_the_address_is_free_again_when_the_node_is_gone() -> None:
    _, _, web = say()
    assert web.routes == {}


@given(st.dictionaries(st.sampled_from(["text", "name", "kind", "amount", "months"]), st.text() | st.integers()))
def test_whatever_is_posted_is_taken_or_refused_with_a_reason(body: dict[str, Any]) -> None:
    web = FakeWeb()
    taken: list[bool] = []
    reasons: list[str] = []

    async def person(_: Instance) -> None:
        await asyncio.sleep(0)
        try:
            web.routes["/api/say"](body)
        except ValueError as error:
            reasons.append(str(error))
        else:
            taken.append(True)

    ran = run("chat.typed", {}, services={Web: web}, until=1, during=person)
    assert len(ran.out) == len(taken)
    assert all(reasons)


def test_it_goes_on_under_another_name_while_the_show_is_on(tmp_path: Path) -> None:
    async def story(show: Any) -> None:
        base = (await show.get("/api/edit")).said["base"]
        renamed = [{"op": "rename", "node": "typed", "to": "입력"}]
        said = (await show.post("/api/edit", base=base, edits=renamed)).said
        assert (said["status"], said["on_air"], said["problems"]) == ("applied", True, [])
        assert show.on.runtime.stations["입력"].errors == 0
        assert (await show.post("/api/say", text="안녕!")).said["ok"]

    told(tmp_path, story)
