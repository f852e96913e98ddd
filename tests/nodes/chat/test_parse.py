"""chat.parse"""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.chat import ChatMessage, Donation, RawPayload, Subscription, ViewerEvent, Withdrawn
from tests.harness import Ran, run
from tests.nodes.chat.fakes import BLIND, CHAT, DONATION, SUBSCRIPTION, raw

VALID = {"CHAT": CHAT, "DONATION": DONATION, "SUBSCRIPTION": SUBSCRIPTION, "BLIND": BLIND}


def parse(*payloads: RawPayload) -> Ran:
    return run(
        "chat.parse", {"payload": [(1.5 + at, payload) for at, payload in enumerate(payloads)]}, complete_at=99.0
    )


def one(event: str, **changed: Any) -> Any:
    fields = {**VALID[event], **changed}
    (found,) = parse(raw(event, {key: value for key, value in fields.items() if value is not ...})).events("chat")
    return found


def test_a_chat_message_is_read_with_all_that_it_tells() -> None:
    (found,) = parse(raw("CHAT", CHAT)).events("chat")
    assert found == ChatMessage(
        id=found.id,
        author="새벽고양이",
        author_id="a" * 32,
        channel_id="c" * 32,
        role="viewer",
        text="안녕 {:d_56:}",
        emotes={"d_56": "https://example.com/d_56.png"},
        badges=("https://example.com/badge.png",),
        sent_at=1785003258.629,
        chat_channel_id="N2dODq",
        received_at=1.5,
    )
    assert len(found.id) == 16


@pytest.mark.parametrize("lacks", ["chatChannelId", "messageTime", "senderChannelId"])
def test_a_line_that_lacks_what_chzzk_needs_to_hide_it_cannot_be_hidden(lacks: str) -> None:
    (found,) = parse(raw("CHAT", {**CHAT, lacks: None})).events("chat")
    assert found.chat_channel_id == ""


def test_a_donation_is_read_with_its_amount_and_korean_time() -> None:
    (found,) = parse(raw("DONATION", DONATION)).events("chat")
    assert found == Donation(
        id=found.id,
        author="치즈부자",
        author_id="b" * 32,
        channel_id="c" * 32,
        text="응원해요",
        amount=1000,
        sent_at=pytest.approx(1785003258.629843),
        received_at=1.5,
    )


def test_a_subscription_is_read_with_tier_and_months() -> None:
    (found,) = parse(raw("SUBSCRIPTION", SUBSCRIPTION)).events("chat")
    assert found == Subscription(
        id=found.id,
        author="구독자",
        author_id="d" * 32,
        channel_id="c" * 32,
        tier=2,
        tier_name="치즈냥",
        months=13,
        received_at=1.5,
    )


@pytest.mark.parametrize("kind", ["CHAT", "DONATION", "SUBSCRIPTION"])
def test_the_channel_is_read_and_empty_in_a_recording_that_has_none(kind: str) -> None:
    assert one(kind).channel_id == "c" * 32
    assert one(kind, channelId=None).channel_id == ""
    assert one(kind, channelId=["x"]).channel_id == ""


@pytest.mark.parametrize(
    ("month", "months"), [(..., 1), (None, 1), (0, 1), (-3, 1), ("2", 2), ("2.0", 2), ("２", 2), (2, 2)]
)
def test_a_subscription_has_at_least_one_month(month: Any, months: int) -> None:
    assert one("SUBSCRIPTION", month=month).months == months


def test_an_object_is_read_like_json_in_a_string() -> None:
    as_object = RawPayload(event="CHAT", payload=CHAT)
    first, second = parse(raw("CHAT", CHAT), as_object).events("chat")
    assert replace(first, received_at=0) == replace(second, received_at=0)


@pytest.mark.parametrize(
    ("changed", "role"),
    [
        ({"profile": {"userRoleCode": "streamer"}}, "streamer"),
        ({"profile": {"userRoleCode": "streaming_channel_manager"}}, "manager"),
        ({"profile": {"userRoleCode": "streaming_chat_manager"}}, "manager"),
        ({"profile": {"userRoleCode": "unheard_of"}}, "viewer"),
        ({"profile": {"userRoleCode": ["streamer"]}}, "viewer"),
        ({"profile": {}, "userRoleCode": "streaming_chat_manager"}, "manager"),
        ({"profile": {"userRoleCode": "common_user"}, "userRoleCode": "streamer"}, "viewer"),
        ({"senderChannelId": "c" * 32}, "streamer"),
        ({"senderChannelId": "", "channelId": ""}, "viewer"),
    ],
)
def test_the_role_comes_from_the_profile_then_the_top_or_from_the_channel(changed: dict[str, Any], role: str) -> None:
    assert one("CHAT", **changed).role == role


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        (5000, 5000),
        ("5000", 5000),
        ("1,000", 1000),
        (2000.0, 2000),
        (0, 0),
        ("1000.0", 1000),
        ("1,000원", 1000),
        ("１，０００", 1000),
        ("₩5,000", 5000),
        (" 3000 치즈", 3000),
        ("1000.", 1000),
        ("+1,000", 1000),
    ],
)
def test_an_amount_may_be_a_number_or_a_text(sent: Any, amount: int) -> None:
    assert one("DONATION", payAmount=sent).amount == amount


@pytest.mark.parametrize("sent", [..., None, "", "천원", "-5", -5, 1.5, True, float("nan"), 10**20, "9" * 5000, [1]])
def test_a_donation_without_a_readable_amount_is_not_lost_but_passes_without_it(sent: Any) -> None:
    fields = {key: value for key, value in {**DONATION, "payAmount": sent}.items() if value is not ...}
    ran = parse(raw("DONATION", fields))
    assert [(found.author, found.text, found.amount) for found in ran.events("chat")] == [("치즈부자", "응원해요", 0)]
    assert ran.malformed == []


def test_two_donations_of_one_sender_without_time_and_text_are_two() -> None:
    bare = {key: value for key, value in DONATION.items() if key not in ("eventSentAt", "donationText")}
    ran = parse(raw("DONATION", {**bare, "payAmount": 1000}), raw("DONATION", {**bare, "payAmount": 50000}))
    assert len({found.id for found in ran.events("chat")}) == 2


def test_two_anonymous_donations_alike_are_two_without_a_time_and_one_with_the_same_time() -> None:
    alike = {"donatorChannelId": "", "donatorNickname": "", "payAmount": 1000}
    bare = {key: value for key, value in {**DONATION, **alike}.items() if key != "eventSentAt"}
    assert len({found.id for found in parse(raw("DONATION", bare), raw("DONATION", bare)).events("chat")}) == 2
    stamped = raw("DONATION", {**DONATION, **alike})
    assert len({found.id for found in parse(stamped, stamped).events("chat")}) == 1


def test_amounts_and_numbers_of_donations_tell_those_of_one_moment_apart() -> None:
    ids = [one("DONATION").id, one("DONATION", payAmount=2000).id, one("DONATION", donationId="x").id]
    assert len(set(ids)) == 3
    assert one("DONATION", donationId="x").id == ids[2]


def test_subscriptions_given_to_others_have_their_number_and_tier() -> None:
    given_ = one("SUBSCRIPTION", giftQuantity="5", tierNo=2)
    assert (given_.author, given_.gifts, given_.tier, given_.tier_name) == ("구독자", 5, 2, "치즈냥")
    anonymous = one("SUBSCRIPTION", giftQuantity=1, subscriberChannelId="", subscriberNickname="")
    assert (anonymous.author, anonymous.gifts) == ("익명", 1)


@pytest.mark.parametrize("sent", ["", {}, ..., None, [], {"a": 1}, {"a": "ftp://x"}])
def test_emojis_may_be_missing_or_of_another_kind(sent: Any) -> None:
    assert one("CHAT", emojis=sent).emotes == {}


@pytest.mark.parametrize("changed", [{"donatorNickname": ""}, {"donatorNickname": None}, {"donatorNickname": ...}])
def test_an_anonymous_donor_has_a_name_for_it(changed: dict[str, Any]) -> None:
    found = one("DONATION", donatorChannelId="", **changed)
    assert (found.author, found.anonymous) == ("익명", True)


def test_a_donor_without_a_channel_keeps_the_name_that_was_given() -> None:
    found = one("DONATION", donatorChannelId=None, donatorNickname="익명의 후원자")
    assert (found.author, found.anonymous) == ("익명의 후원자", True)


def test_the_id_is_the_same_for_the_same_event_and_another_for_another() -> None:
    ids = [
        one("CHAT").id,
        one("CHAT", content="다른 말").id,
        one("CHAT", senderChannelId="e" * 32).id,
        one("CHAT", messageTime=1785003258630).id,
        one("DONATION", eventSentAt="2026-07-26T03:14:18.629843821").id,
        one("DONATION").id,
        one("SUBSCRIPTION", month=14).id,
        one("SUBSCRIPTION").id,
    ]
    assert len(set(ids)) == len(ids)
    assert one("CHAT").id == ids[0]
    assert one("CHAT", profile={"nickname": "바뀐 이름"}).id == ids[0]


@pytest.mark.parametrize(
    ("time", "sent_at", "expected"),
    [
        (1785003258629, "nonsense", 1785003258.629),
        ("1785003258629", None, 1785003258.629),
        (0, "2026-07-26T03:14:18Z", 1785035658.0),
        (True, "2026-07-26T03:14:18", 1785003258.0),
        (None, "nonsense", None),
        ([], 5, None),
        (10**16, None, None),
    ],
)
def test_the_time_is_read_or_unknown(time: Any, sent_at: Any, expected: float | None) -> None:
    assert one("CHAT", messageTime=time, eventSentAt=sent_at).sent_at == expected


def test_text_is_capped_and_holds_nothing_that_cannot_be_written() -> None:
    assert one("CHAT", content="가" * 5000).text == "가" * 2000
    assert one("CHAT", content="a\x00b\ud800c\udfff😀").text == "abc😀"


@pytest.mark.parametrize(
    ("event", "payload", "kind"),
    [
        ("CHAT", "no json", "json"),
        ("CHAT", "[1]", "json"),
        ("CHAT", "[" * 200_000, "json"),
        ("MISSION", "{}", "event"),
        ("CHAT", "{}", "field"),
        ("CHAT", '{"content": 5}', "field"),
        ("SUBSCRIPTION", "{}", "field"),
        ("BLIND", "{}", "field"),
        ("BLIND", '{"senderChannelId": "", "messageTime": null}', "field"),
        ("BLIND", '{"senderChannelId": "a", "messageTime": "yesterday"}', "field"),
    ],
)
def test_what_cannot_be_read_is_counted_by_kind(event: str, payload: str, kind: str) -> None:
    ran = parse(RawPayload(event=event, payload=payload))
    assert (ran.out, ran.malformed, ran.error) == ([], [kind], None)


def test_system_events_pass_silently() -> None:
    ran = parse(raw("SYSTEM", {"type": "connected"}), RawPayload(event="SYSTEM", payload="nonsense"))
    assert (ran.out, ran.malformed) == ([], [])


def test_a_hidden_message_is_withdrawn_and_it_alone() -> None:
    blind = {"senderChannelId": "a" * 32, "messageTime": CHAT["messageTime"]}
    other = {**CHAT, "messageTime": CHAT["messageTime"] + 1}
    ran = parse(raw("CHAT", CHAT), raw("CHAT", other), raw("BLIND", blind))
    (withdrawn,) = ran.events("withdrawn")
    assert withdrawn == Withdrawn(author_id="a" * 32, sent_at=1785003258.629, received_at=3.5)
    assert [withdrawn.covers(event) for event in ran.events("chat")] == [True, False]


def test_without_a_time_all_is_withdrawn_that_came_so_far() -> None:
    later = {**CHAT, "messageTime": CHAT["messageTime"] + 5000}
    ran = parse(raw("CHAT", CHAT), raw("BLIND", {"senderChannelId": "a" * 32}), raw("CHAT", later))
    (withdrawn,) = ran.events("withdrawn")
    assert [withdrawn.covers(event) for event in ran.events("chat")] == [True, False]


def test_an_anonymous_donation_can_be_withdrawn_by_its_time() -> None:
    given_ = {**DONATION, "donatorChannelId": "", "messageTime": 1785003258629}
    ran = parse(raw("DONATION", given_), raw("BLIND", {"senderChannelId": "", "messageTime": 1785003258629}))
    assert ran.events("withdrawn")[0].covers(ran.events("chat")[0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=3,
)


@st.composite
def mutated(draw: st.DrawFn) -> RawPayload:
    event = draw(st.sampled_from(sorted(VALID)))
    fields = {**VALID[event], "profile": {**CHAT["profile"]}}
    for _ in range(draw(st.integers(0, 3))):
        place = draw(
            st.sampled_from([fields, fields["profile"]]) if isinstance(fields["profile"], dict) else st.just(fields)
        )
        key = draw(st.sampled_from(sorted(place)) if place else st.just("content"))
        place[key] = draw(JSON)
    return RawPayload(event=event, payload=json.dumps(fields) if draw(st.booleans()) else fields)


anything = st.builds(
    RawPayload, event=st.sampled_from(sorted(VALID)), payload=st.text(max_size=30) | JSON.map(json.dumps)
)


@given(st.lists(mutated() | anything, max_size=2))
def test_every_payload_gives_one_event_or_one_malformed(payloads: list[RawPayload]) -> None:
    ran = parse(*payloads)
    assert ran.error is None
    assert len(ran.out) + len(ran.malformed) == len(payloads)
    assert all(isinstance(event, Withdrawn) for event in ran.events("withdrawn"))
    for event in ran.events("chat"):
        assert isinstance(event, ViewerEvent)
        json.dumps([event.text, event.author, event.author_id, event.emotes], ensure_ascii=False).encode()
