"""What ``chat.chzzk_anon`` does as broadcasts come and go and CHZZK does not do what it should; on virtual time."""

import re
from itertools import pairwise

import pytest

from nodes.chat._chzzk.rest import Busy, ServiceError
from nodes.chat._chzzk_anon.api import Live, Refused
from tests.harness import Ran
from tests.nodes.chat.chzzk_anon_service import CHANNEL, TOKEN, Stage, frame, message, recent

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(monkeypatch)


def said(ran: Ran) -> list[tuple[float, str]]:
    return [(at, event.payload.get("content", event.event)) for at, _, event in ran.out]


def states(ran: Ran) -> list[str]:
    return [re.split("[.:,]", line.partition(" ")[2])[0] for line in ran.log]


READING = "CHZZK chat is read without a login"


def test_it_connects_with_a_token_that_is_hidden_and_reads(stage: Stage) -> None:
    ran = stage.play((1.0, lambda: stage.service.link.say(message("a", "안녕", 1000))), until=5.0)
    assert said(ran) == [(1.0, "안녕")]
    assert stage.service.link.hello == {
        "ver": "3",
        "cmd": 100,
        "svcid": "game",
        "cid": "N1",
        "tid": 1,
        "bdy": {"uid": None, "devType": 2001, "accTkn": TOKEN, "auth": "READ"},
    }
    assert stage.service.urls == ["wss://kr-ss2.chat.naver.com/chat"]
    assert ran.hidden == [TOKEN]
    assert states(ran) == [READING]


def test_pings_keep_a_quiet_channel_open(stage: Stage) -> None:
    stage.play(until=95.0)
    assert len(stage.service.links) == 1
    assert [at for at, command in stage.service.link.sent if command == 0] == [20.0, 40.0, 60.0, 80.0]
    assert stage.service.asked == [0.0, 30.0, 60.0, 90.0]


def test_a_ping_is_answered(stage: Stage) -> None:
    stage.play((5.0, lambda: stage.service.link.push('{"ver":"3","cmd":0}')), until=10.0)
    assert (5.0, 10000) in stage.service.link.sent


def test_a_dead_peer_is_noticed_within_43_seconds(stage: Stage) -> None:
    def die() -> None:
        stage.service.link.deaf = True

    ran = stage.play((0.5, die), until=60.0)
    assert stage.service.links[0].closed_at == 40.0
    assert states(ran) == [READING, "Connecting to CHZZK chat again", "CHZZK chat is read again"]
    assert "after 2 s" in ran.log[2]


def test_a_dead_peer_is_noticed_as_soon_while_the_api_is_dead_too(stage: Stage) -> None:
    def die() -> None:
        stage.service.link.deaf = True
        stage.service.live_s = 1e6

    stage.play((0.5, die), until=60.0)
    assert stage.service.links[0].closed_at == 40.0


def test_after_a_loss_what_was_missed_is_given_once_in_order(stage: Stage) -> None:
    service = stage.service
    service.recent = [recent("z", "before the start", 500)]

    def lose() -> None:
        service.recent = [
            recent("b", "missed too", 3500),
            recent("z", "before the start", 500),
            recent("a", "seen", 1000),
            recent("b", "missed", 3000),
        ]
        service.link.push(None)

    ran = stage.play(
        (1.0, lambda: service.link.say(message("a", "seen", 1000))),
        (3.0, lose),
        (6.0, lambda: service.link.say(message("b", "missed too", 3500), message("a", "new", 6000))),
        until=10.0,
    )
    assert said(ran) == [(1.0, "seen"), (5.0, "missed"), (5.0, "missed too"), (6.0, "new")]


def test_what_was_hidden_during_a_loss_is_withdrawn(stage: Stage) -> None:
    service = stage.service

    def lose() -> None:
        service.recent = [recent("a", "bad", 1000, messageStatusType="BLIND")]
        service.link.push(None)

    ran = stage.play((1.0, lambda: service.link.say(message("a", "bad", 1000))), (3.0, lose), until=10.0)
    assert said(ran) == [(1.0, "bad"), (5.0, "BLIND")]


def test_a_new_broadcast_has_a_new_chat_and_is_read_within_30_seconds(stage: Stage) -> None:
    service = stage.service

    def restart() -> None:
        service.live_now = Live("N2", "open")
        service.recent = [recent("a", "first", 9000)]

    ran = stage.play((31.0, restart), (70.0, lambda: service.link.say(message("a", "second", 9500))), until=80.0)
    assert service.tokens == [(0.0, "N1"), (60.0, "N2")]
    assert service.links[0].closed_at == 60.0
    assert said(ran) == [(60.0, "first"), (70.0, "second")]
    assert states(ran) == [READING, "A new broadcast has begun at CHZZK; its chat is read now"]


def test_the_end_of_a_broadcast_leaves_its_chat_open_as_long_as_it_lasts(stage: Stage) -> None:
    service = stage.service

    def end() -> None:
        service.live_now = Live("", "offline")

    ran = stage.play((10.0, end), (100.0, lambda: service.link.push(None)), until=140.0)
    assert len(service.links) == 1
    assert service.links[0].closed_at == 100.0
    assert states(ran) == [READING, "Connecting to CHZZK chat again", "The CHZZK channel is not live"]


@pytest.mark.parametrize(
    ("state", "told", "again_s"),
    [
        ("offline", "The CHZZK channel is not live", 30.0),
        ("adult", "An age-restricted broadcast cannot be read without a login", 30.0),
        ("restricted", "The chat of this broadcast cannot be read without a login", 30.0),
        ("unknown", "CHZZK has no such channel", 300.0),
    ],
)
def test_without_a_chat_it_says_why_once_and_waits_for_one(stage: Stage, state, told: str, again_s: float) -> None:
    stage.service.live_now = Live("", state)

    def begin() -> None:
        stage.service.live_now = Live("N1", "open")

    ran = stage.play((2 * again_s + 1, begin), until=3 * again_s + 10)
    assert stage.service.asked[:4] == [0.0, again_s, 2 * again_s, 3 * again_s]
    assert states(ran) == [told, READING]


@pytest.mark.parametrize(
    ("behaviour", "noticed_s"),
    [("refuses", 0.0), ("closes", 0.0), ("rejects", 0.0), ("hangs", 10.0), ("says nothing", 10.0)],
)
def test_every_way_of_not_connecting_ends_in_another_attempt(stage: Stage, behaviour, noticed_s: float) -> None:
    stage.service.behaviours.extend([behaviour, behaviour])
    ran = stage.play(until=60.0)
    assert [at for at, _ in stage.service.tokens] == [0.0, noticed_s + 2.0, 2 * noticed_s + 6.0]
    assert states(ran) == ["Connecting to CHZZK chat again", "CHZZK chat is read again"]


def test_the_wait_doubles_to_30_seconds_and_starts_anew_after_a_success(stage: Stage) -> None:
    service = stage.service
    service.behaviours.extend(["refuses"] * 6)
    stage.play((200.0, lambda: service.link.push(None)), until=210.0)
    times = [at for at, _ in service.tokens]
    assert [after - before for before, after in pairwise(times[:7])] == [2, 4, 8, 16, 30, 30]
    assert times[7] == 202.0


def test_an_api_that_fails_is_asked_again_and_its_pause_kept(stage: Stage) -> None:
    stage.service.live_errors.extend([ServiceError("down"), Busy("slowly", 100.0)])
    ran = stage.play(until=110.0)
    assert stage.service.asked[:3] == [0.0, 2.0, 102.0]
    assert states(ran)[-1] == "CHZZK chat is read again"
    assert len(ran.log) == 2


def test_a_refusal_is_told_and_tried_again_in_five_minutes(stage: Stage) -> None:
    stage.service.token_errors.append(Refused())
    ran = stage.play(until=310.0)
    assert [at for at, _ in stage.service.tokens] == [0.0, 300.0]
    assert states(ran) == ["CHZZK refuses to be read without a login", "CHZZK chat is read again"]
    assert "chat.chzzk" in ran.log[0]


def test_an_api_that_fails_while_chat_comes_changes_nothing(stage: Stage) -> None:
    service = stage.service

    def fail() -> None:
        service.live_errors.append(ServiceError("down"))

    def slow() -> None:
        service.live_s = 1e6

    ran = stage.play(
        (29.0, fail),
        (50.0, slow),
        (61.0, lambda: service.link.say(message("a", "안녕", 1))),
        until=80.0,
    )
    assert said(ran) == [(63.0, "안녕")]
    assert states(ran) == [READING]


def test_frames_without_sense_are_counted(stage: Stage) -> None:
    def babble() -> None:
        for text in (
            "",
            "[]",
            "7",
            '{"cmd":77}',
            frame(93101, ["x"]),
            frame(93101, [message("a", "s", 1, msgTypeCode=3)]),
        ):
            stage.service.link.push(text)

    ran = stage.play((1.0, babble), until=5.0)
    assert ran.malformed == ["frame", "frame", "frame", "event", "field", "event"]
    assert ran.out == []


def test_the_channel_is_the_one_of_the_settings(stage: Stage) -> None:
    ran = stage.play((1.0, lambda: stage.service.link.say(message("a", "안녕", 1))), until=2.0)
    assert ran.events()[0].payload["channelId"] == CHANNEL
