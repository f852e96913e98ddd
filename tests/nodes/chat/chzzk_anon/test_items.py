"""The messages of CHZZK's web chat in the form of the official API, as ``chat.parse`` reads them."""

import json
from typing import Any

import pytest

from nodes.chat._chzzk_anon.items import TEXT, Item, blind, mapping
from schemas.chat import ChatMessage, Donation, RawPayload, Subscription, Withdrawn
from tests.harness import run
from tests.nodes.chat.chzzk_anon_service import message, recent

PROFILE = {
    "userIdHash": "a" * 32,
    "nickname": "새벽고양이",
    "userRoleCode": "streaming_chat_manager",
    "badge": {"imageUrl": "https://example.com/role.png"},
    "verifiedMark": False,
    "activityBadges": [{"badgeNo": 1, "imageUrl": "https://example.com/activity.png"}],
    "streamingProperty": {"subscription": {"badge": {"imageUrl": "https://example.com/sub.png"}}},
}


def official(fields: dict[str, Any]) -> RawPayload:
    event = Item(fields, TEXT).official("c" * 32, "N1")
    assert event is not None
    return event


def parsed(*raws: RawPayload) -> Any:
    ran = run("chat.parse", {"payload": [(1.0, raw) for raw in raws]})
    assert (ran.error, ran.malformed) == (None, [])
    return [event for _, _, event in ran.out]


def test_a_chat_message_has_all_that_the_official_one_has() -> None:
    extras = {"emojis": {"d_56": "https://example.com/d_56.png"}}
    fields = message("a", "안녕 {:d_56:}", 1785003258629, profile=json.dumps(PROFILE), extras=json.dumps(extras))
    (found,) = parsed(official(fields))
    assert found == ChatMessage(
        id=found.id,
        author="새벽고양이",
        author_id="a" * 32,
        channel_id="c" * 32,
        role="manager",
        text="안녕 {:d_56:}",
        emotes={"d_56": "https://example.com/d_56.png"},
        badges=(
            "https://example.com/role.png",
            "https://example.com/activity.png",
            "https://example.com/sub.png",
        ),
        sent_at=1785003258.629,
        chat_channel_id="N1",
        received_at=1.0,
    )


def test_a_message_is_the_same_live_and_among_the_recent_ones() -> None:
    live, again = message("a", "안녕", 1000), recent("a", "안녕", 1000)
    assert Item(live, TEXT).key == Item(again, TEXT).key
    assert parsed(official(live))[0].id == parsed(official(again))[0].id
    others = [message("b", "안녕", 1000), message("a", "안녕?", 1000), message("a", "안녕", 1001)]
    assert len({Item(fields, TEXT).key for fields in [live, *others]}) == 4


def test_who_writes_in_the_own_channel_is_the_streamer() -> None:
    assert parsed(official(message("c", "방송 켰어요", 1)))[0].role == "streamer"


def test_a_donation_has_its_amount_kind_and_giver() -> None:
    extras = {"payAmount": 5000, "donationType": "VIDEO", "isAnonymous": False, "donationId": "d1"}
    fields = message("b", "응원해요", 1000, msgTypeCode=10, extras=json.dumps(extras))
    (found,) = parsed(official(fields))
    assert isinstance(found, Donation)
    assert (found.amount, found.kind, found.author, found.author_id) == (5000, "VIDEO", "시청자 b", "b" * 32)
    assert (found.text, found.sent_at, found.anonymous) == ("응원해요", 1.0, False)
    assert Item({**fields, "msgTime": 7}, TEXT).key == Item(fields, TEXT).key, "a donation has a number of its own"


@pytest.mark.parametrize(
    ("uid", "anonymous"), [("anonymous", True), ("anonymous", False), ("b" * 32, True)], ids=["both", "uid", "flag"]
)
def test_an_anonymous_donor_stays_one(uid: str, anonymous: bool) -> None:
    extras = {"payAmount": 1000, "isAnonymous": anonymous, "nickname": "비밀"}
    fields = message("b", "", 1000, uid=uid, profile=None, msgTypeCode=10, extras=json.dumps(extras))
    (found,) = parsed(official(fields))
    assert (found.author, found.author_id, found.anonymous) == ("익명", "", True)


def test_a_mission_is_a_donation_with_the_mission_as_its_text() -> None:
    extras = {"payAmount": 9000, "donationType": "MISSION", "missionText": "노래하기", "missionDonationId": "m1"}
    (found,) = parsed(official(message("b", "", 1000, msgTypeCode=10, extras=extras)))
    assert (found.amount, found.kind, found.text) == (9000, "MISSION", "노래하기")


def test_a_subscription_has_its_tier_and_months() -> None:
    extras = {"month": 13, "tierName": "치즈냥", "nickname": "구독자", "tierNo": 2}
    (found,) = parsed(official(message("d", "13개월!", 1000, profile=None, msgTypeCode=11, extras=json.dumps(extras))))
    assert isinstance(found, Subscription)
    assert (found.author, found.tier, found.tier_name, found.months) == ("구독자", 2, "치즈냥", 13)


def test_a_hidden_message_withdraws_what_was_read_of_it() -> None:
    item = Item(message("a", "나쁜 말", 1234), TEXT)
    chat, withdrawn = parsed(official(message("a", "나쁜 말", 1234)), blind("c" * 32, "N1", item.sender, item.time))
    assert isinstance(withdrawn, Withdrawn)
    assert withdrawn.covers(chat)


@pytest.mark.parametrize(
    ("status", "hidden"), [("NORMAL", False), ("", False), (None, False), ("HIDDEN", True), ("BLIND", True)]
)
def test_every_state_but_normal_is_hidden(status: str | None, hidden: bool) -> None:
    assert Item(message("a", "x", 1, msgStatusType=status), TEXT).hidden is hidden


@pytest.mark.parametrize("code", [3, 30, 121])
def test_other_kinds_of_message_are_no_viewer_events(code: int) -> None:
    assert Item(message("a", "x", 1, msgTypeCode=code), TEXT).official("c", "N1") is None


@pytest.mark.parametrize("value", [None, 7, "", "x", "[1]", "[" * 100_000, ["a"]])
def test_what_is_no_object_is_an_empty_one(value: Any) -> None:
    assert mapping(value) == {}


def gift(**extras: Any) -> Item:
    given = {"giftType": "SUBSCRIPTION_GIFT", "giftId": "g1", "quantity": 5, "giftTierNo": 2, "giftTierName": "치즈냥"}
    profile = '{"nickname": "달빛"}'
    fields = {"uid": "a" * 32, "profile": profile, "extras": json.dumps({**given, **extras}), "msgTime": 5, "msg": ""}
    return Item({**fields, "msgTypeCode": 12}, 10)


def test_subscriptions_given_to_others_are_given_with_giver_number_and_tier() -> None:
    event = gift().official("c", "d")
    assert event is not None
    assert event.event == "SUBSCRIPTION"
    assert isinstance(event.payload, dict)
    named = ("subscriberNickname", "subscriberChannelId", "giftQuantity", "tierNo", "tierName", "giftId")
    assert [event.payload[name] for name in named] == ["달빛", "a" * 32, 5, 2, "치즈냥", "g1"]
    refunded = gift(partialRefundedQuantity=2).official("c", "d")
    assert refunded is not None
    assert isinstance(refunded.payload, dict)
    assert refunded.payload["giftQuantity"] == 3


def test_who_got_one_of_them_is_no_event_of_its_own() -> None:
    received = gift(giftType="SUBSCRIPTION_GIFT_RECEIVER", receiverNickname="감자")
    assert (received.received, received.official("c", "d")) == (True, None)
    assert received.key != gift().key


def test_two_anonymous_donations_of_one_moment_differ_by_their_amount() -> None:
    def key(amount: int) -> int:
        fields = {"uid": "anonymous", "extras": json.dumps({"payAmount": amount}), "msgTime": 5, "msgTypeCode": 10}
        return Item(fields, 10).key

    assert key(1000) != key(50000)
    assert key(1000) == key(1000)
