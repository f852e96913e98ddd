"""What a CHZZK session does when CHZZK does not do what it should; all on virtual time."""

import asyncio
import json
from itertools import pairwise
from random import Random

import pytest

from nodes.chat._chzzk.account import Busy, ChzzkError, Forbidden, LoginNeeded, NotApproved, ServiceError
from nodes.chat._chzzk.session import Reception
from nodes.troubles import Troubles
from schemas.chat import RawPayload
from tests.harness import Ran
from tests.nodes.chat.chzzk_service import Stage

FIRST = "info 치지직 채팅을 받아요."


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(monkeypatch)


def again(gone_s: float) -> str:
    return f"info 치지직 채팅을 다시 받아요({gone_s:g}초 만에)."


def story(ran: Ran) -> list[tuple[float, str]]:
    return [(at, event.payload) for at, _, event in ran.out]


def test_chat_donations_and_subscriptions_come_in_order_and_unchanged(stage: Stage) -> None:
    service = stage.service

    def speak() -> None:
        service.link.emit("CHAT", '{"content":"안녕 👩‍👩‍👧‍👦"}')
        service.link.emit("DONATION", {"payAmount": 1000})
        service.link.emit("SUBSCRIPTION", "{}")
        service.link.emit("NEW_THING", "{}")

    ran = stage.play((1.0, speak), until=5.0)
    assert ran.events() == [
        RawPayload(event="CHAT", payload='{"content":"안녕 👩‍👩‍👧‍👦"}'),
        RawPayload(event="DONATION", payload={"payAmount": 1000}),
        RawPayload(event="SUBSCRIPTION", payload="{}"),
        RawPayload(event="NEW_THING", payload="{}"),
    ]
    assert service.asked == [(0.0, "chat"), (0.0, "donation"), (0.0, "subscription")]
    assert ran.log == [FIRST]


def test_what_comes_before_the_subscriptions_are_confirmed_is_not_lost(stage: Stage) -> None:
    stage.service.subscribe_s = 2.0
    stage.service.confirms = set()
    ran = stage.play((1.0, lambda: stage.service.link.emit("CHAT", "early")), until=7.0)
    assert story(ran) == [(6.0, "early")]


def test_pings_go_out_every_25_seconds(stage: Stage) -> None:
    stage.play(until=80.0)
    assert stage.service.link.sent == [(25.0, "2"), (50.0, "2"), (75.0, "2")]


def test_a_lost_connection_comes_back_with_a_new_url(stage: Stage) -> None:
    service = stage.service
    ran = stage.play(
        (10.0, lambda: service.link.push(None)),
        (20.0, lambda: service.link.emit("CHAT", "back")),
        until=30.0,
    )
    assert [at for at, _ in service.urls] == [0.0, 12.0]
    assert story(ran) == [(20.0, "back")]
    assert ran.log == [
        FIRST,
        "warning 치지직 채팅에 다시 연결하고 있어요: the WebSocket was closed (1006)",
        again(2),
    ]


def test_a_loss_is_an_alarm_until_the_chat_is_received_again(stage: Stage) -> None:
    ran = stage.play((10.0, lambda: stage.service.link.push(None)), until=30.0)
    assert ran.alarms == [(0.0, "chat", True), (10.0, "chat", False), (12.0, "chat", True)]
    assert ran.conditions["chat"].state == "good"


@pytest.mark.parametrize("frame", ["41", "1", '44"AUTH"'])
def test_an_end_that_leaves_the_websocket_open_is_no_zombie(stage: Stage, frame: str) -> None:
    ran = stage.play((10.0, lambda: stage.service.link.push(frame)), until=20.0)
    assert len(stage.service.links) == 2
    assert stage.service.links[0].closed_at == 10.0
    assert ran.log[-1] == again(2)


def test_a_dead_peer_is_noticed_within_40_seconds(stage: Stage) -> None:
    def die() -> None:
        stage.service.link.deaf = True

    ran = stage.play((0.5, die), until=50.0)
    assert stage.service.links[0].closed_at == 40.0
    assert ran.log[-1] == again(2)


@pytest.mark.parametrize(
    ("behaviour", "noticed_at"),
    [
        ("refuses", 0.0),
        ("closes before open", 0.0),
        ("no key", 0.0),
        ("hangs", 10.0),
        ("opens nothing", 10.0),
        ("no system", 10.0),
    ],
)
def test_every_way_of_not_connecting_ends_in_another_attempt(stage: Stage, behaviour, noticed_at: float) -> None:
    stage.service.behaviours.extend([behaviour, behaviour])
    ran = stage.play(until=60.0)
    assert [at for at, _ in stage.service.urls] == [0.0, noticed_at + 2.0, 2 * noticed_at + 6.0]
    assert ran.log[-1] == again(noticed_at + 6.0)
    assert len(ran.log) == 2, "a state is said once"


def test_the_wait_doubles_to_30_seconds_and_starts_anew_after_a_success(stage: Stage) -> None:
    service = stage.service
    service.behaviours.extend(["refuses"] * 6)
    ran = stage.play((200.0, lambda: service.link.push(None)), until=210.0)
    times = [at for at, _ in service.urls]
    assert [round(after - before, 3) for before, after in pairwise(times[:7])] == [2, 4, 8, 16, 30, 30]
    assert times[7] == 202.0
    assert ran.log[1] == again(90)
    assert ran.log[3] == again(2), "each outage has its own length"


def test_the_wait_is_drawn_between_1_and_30_seconds(stage: Stage) -> None:
    service = stage.service
    reception = Reception(
        service, service.connect, jobs=None, clock=Still(), verdicts=None, log=Quiet(), chance=Random(1)
    )
    waits = [reception._after(ServiceError("x")) for _ in range(2000)]
    assert all(1.0 <= wait <= 30.0 for wait in waits)
    assert waits[0] <= 2.0
    assert min(waits[10:]) < 3.0
    assert max(waits[10:]) > 28.0


class Still:
    def now(self) -> float:
        return 0.0


class Quiet(Troubles):
    def info(self, text: str, **_: object) -> None: ...
    def warning(self, text: str, **_: object) -> None: ...


def test_a_failing_service_is_named_once_and_asked_until_it_answers(stage: Stage) -> None:
    stage.service.url_errors.extend([ServiceError("연결하지 못했습니다")] * 3)
    ran = stage.play(until=60.0)
    assert ran.log == ["warning 치지직 채팅에 다시 연결하고 있어요: 연결하지 못했습니다", again(14)]
    assert ran.conditions["chat"].state == "good"


def test_a_500_for_the_session_url_says_that_scopes_may_not_be_approved(stage: Stage) -> None:
    stage.service.url_errors.extend([NotApproved("승인 / approved?"), NotApproved("승인 / approved?")])
    ran = stage.play(until=60.0)
    assert ran.log == ["warning 치지직 채팅에 다시 연결하고 있어요: 승인 / approved?", again(6)]


def test_too_many_requests_are_waited_for_as_long_as_the_service_says(stage: Stage) -> None:
    stage.service.url_errors.extend([Busy("429", 45.0), Busy("429", 0.5), Busy("429", 1e6)])
    ran = stage.play(until=600.0)
    assert [at for at, _ in stage.service.urls] == [0.0, 45.0, 49.0, 349.0]
    assert ran.log == ["warning 치지직 채팅에 다시 연결하고 있어요: 429", again(349)]


def test_without_a_login_the_node_lives_on_in_silence_and_tries_every_5_minutes(stage: Stage) -> None:
    stage.service.url_errors.extend([LoginNeeded("로그인하세요")] * 3)
    ran = stage.play(until=1000.0)
    assert [at for at, _ in stage.service.urls] == [0.0, 300.0, 600.0, 900.0]
    assert ran.log == [
        "warning 치지직 채팅 없이 방송을 이어 가요. 로그인하세요",
        again(900),
    ]


@pytest.mark.parametrize("error", [LoginNeeded("로그인하세요"), Forbidden("채팅 메시지 조회")])
def test_a_login_while_the_show_goes_on_is_noticed_within_a_second(stage: Stage, error: ChzzkError) -> None:
    service = stage.service
    service.url_errors.extend([error, error])

    def log_in() -> None:
        service.logged_in = True

    ran = stage.play((20.5, log_in), (100.2, log_in), (110.0, lambda: service.link.emit("CHAT", "hi")), until=200.0)
    assert [at for at, _ in service.urls] == [0.0, 21.0, 101.0]
    assert story(ran) == [(110.0, "hi")]
    assert ran.log[1:] == [again(101)]
    assert service.looks == 22 + 81, "nobody looks for a login while chat comes"


def test_a_forbidden_chat_is_not_retried_in_a_loop(stage: Stage) -> None:
    stage.service.subscribe_errors["chat"].append(Forbidden("채팅 메시지 조회"))
    ran = stage.play(until=310.0)
    assert [at for at, _ in stage.service.urls] == [0.0, 300.0]
    assert stage.service.links[0].closed_at == 0.0
    assert ran.log == [
        "warning 치지직 채팅 없이 방송을 이어 가요. 채팅 메시지 조회",
        again(300),
    ]


def test_chat_goes_on_without_donations_that_are_forbidden_and_says_so_once(stage: Stage) -> None:
    service = stage.service
    service.subscribe_errors["donation"].extend([Forbidden("후원 조회")] * 2)
    ran = stage.play(
        (100.0, lambda: service.link.push(None)),
        (110.0, lambda: service.link.emit("CHAT", "hi")),
        (200.0, lambda: service.link.push(None)),
        until=300.0,
    )
    assert story(ran) == [(110.0, "hi")]
    assert [line for line in ran.log if "후원" in line] == [
        "warning 치지직 후원: 지금 받지 못해요. 후원 조회",
        "info 치지직 후원: 다시 받아요.",
    ]
    assert len(service.asked) == 9, "a forbidden feed is not asked for again within a session"


@pytest.mark.parametrize(("error", "asked_at"), [(ServiceError("500"), 60.0), (Busy("429", 90.0), 90.0)])
def test_a_feed_beside_the_chat_that_fails_is_asked_for_again(stage: Stage, error, asked_at: float) -> None:
    stage.service.subscribe_errors["subscription"].append(error)
    ran = stage.play(until=100.0)
    assert stage.service.asked[3:] == [(asked_at, "subscription")]
    assert ran.log == [
        "warning 치지직 구독: 지금 받지 못해요. " + str(error),
        FIRST,
        "info 치지직 구독: 다시 받아요.",
    ]


def test_a_feed_that_is_never_confirmed_is_asked_for_again_while_chat_goes_on(stage: Stage) -> None:
    service = stage.service
    service.confirms = {"chat", "donation"}
    ran = stage.play((100.0, lambda: service.confirms.add("subscription")), until=200.0)
    assert service.asked[3:] == [(70.0, "subscription"), (140.0, "subscription")]
    assert len(service.links) == 1
    assert len(ran.log) == 3


def test_a_late_confirmation_counts(stage: Stage) -> None:
    service = stage.service
    service.confirms = {"chat", "donation"}
    stage.play((30.0, lambda: service.link.system("subscribed", eventType="SUBSCRIPTION")), until=200.0)
    assert len(service.asked) == 3


@pytest.mark.parametrize("confirmed", [(), ("donation",), ("donation", "subscription")])
def test_a_chat_that_is_never_confirmed_is_a_lost_connection(stage: Stage, confirmed: tuple[str, ...]) -> None:
    service = stage.service
    service.confirms = set(confirmed)
    ran = stage.play((11.0, lambda: service.confirms.update({"chat", "donation", "subscription"})), until=20.0)
    assert service.links[0].closed_at == 10.0
    assert ran.log == [
        "warning 치지직 채팅에 다시 연결하고 있어요: 10초 동안 채팅 구독이 되지 않음",
        again(2),
    ]


@pytest.mark.parametrize("type_", ["revoked", "unsubscribed"])
def test_a_revoked_chat_is_asked_for_once_more(stage: Stage, type_: str) -> None:
    service = stage.service
    ran = stage.play((50.0, lambda: service.link.system(type_, eventType="CHAT", channelId="c")), until=100.0)
    assert service.asked[3:] == [(50.0, "chat")]
    assert len(service.links) == 1
    assert ran.log[-1] == "info 치지직 채팅: 다시 받아요."


def test_a_chat_that_is_revoked_again_needs_a_login_while_the_show_goes_on(stage: Stage) -> None:
    service = stage.service
    ran = stage.play(
        (50.0, lambda: service.link.system("revoked", eventType="CHAT")),
        (60.0, lambda: service.link.system("revoked", eventType="CHAT")),
        until=400.0,
    )
    assert service.links[0].closed_at == 60.0
    assert [at for at, _ in service.urls] == [0.0, 360.0]
    assert "python aischoco.py login" in ran.log[3]
    assert ran.log[-1] == again(300)


def test_a_revoked_chat_whose_renewal_is_not_confirmed_needs_a_login(stage: Stage) -> None:
    service = stage.service

    def revoke() -> None:
        service.confirms = set()
        service.link.system("revoked", eventType="CHAT")

    ran = stage.play((50.0, revoke), until=100.0)
    assert service.links[0].closed_at == 60.0
    assert len(service.urls) == 1
    assert "python aischoco.py login" in ran.log[-1]


def test_a_login_that_ends_while_a_revoked_feed_is_asked_for_is_said(stage: Stage) -> None:
    service = stage.service

    def revoke() -> None:
        service.subscribe_errors["donation"].append(LoginNeeded("로그인하세요"))
        service.link.system("revoked", eventType="DONATION")

    ran = stage.play((50.0, revoke), until=100.0)
    assert "로그인하세요" in ran.log[-1]


def test_donations_that_are_revoked_twice_leave_the_chat_alone(stage: Stage) -> None:
    service = stage.service

    def revoke() -> None:
        service.link.system("revoked", eventType="DONATION")

    ran = stage.play((50.0, revoke), (60.0, revoke), (70.0, lambda: service.link.emit("CHAT", "hi")), until=200.0)
    assert story(ran) == [(70.0, "hi")]
    assert service.asked[3:] == [(50.0, "donation")]
    assert [line.partition(".")[0] for line in ran.log[1:]] == [
        "warning 치지직 후원: 지금 받지 못해요",
        "info 치지직 후원: 다시 받아요",
        "warning 치지직 후원: 지금 받지 못해요",
    ]


def test_a_remedy_that_comes_while_donations_are_already_missing_is_said(stage: Stage) -> None:
    service = stage.service
    service.subscribe_errors["donation"] += [ServiceError("no network"), Forbidden("다시 로그인하세요")]
    ran = stage.play((100.0, lambda: None), until=200.0)
    assert [line for line in ran.log if line.startswith("warning")] == [
        "warning 치지직 후원: 지금 받지 못해요. no network",
        "warning 치지직 후원: 지금 받지 못해요. 다시 로그인하세요",
    ]


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "{",
        "[" * 100_000,
        "[]",
        7,
        None,
        '{"type":"subscribed"}',
        '{"type":"subscribed","data":{"eventType":7}}',
        {},
    ],
)
def test_a_system_message_without_sense_changes_nothing(stage: Stage, payload: object) -> None:
    service = stage.service
    ran = stage.play(
        (1.0, lambda: service.link.emit("SYSTEM", payload)), (2.0, lambda: service.link.emit("CHAT", "hi")), until=5.0
    )
    assert story(ran) == [(2.0, "hi")]
    assert ran.malformed == ([] if isinstance(payload, dict) or "type" in str(payload) else ["json"])


def test_a_system_message_may_be_an_object(stage: Stage) -> None:
    stage.service.behaviours.append("no system")
    data = {"type": "connected", "data": {"sessionKey": "key1"}}
    ran = stage.play((1.0, lambda: stage.service.link.emit("SYSTEM", data)), until=5.0)
    assert ran.log == [FIRST]


def test_a_frame_without_sense_is_counted(stage: Stage) -> None:
    ran = stage.play((1.0, lambda: stage.service.link.push("42[")), until=2.0)
    assert ran.malformed == ["frame"]
    assert len(stage.service.links) == 1


def test_thousands_of_messages_at_once_keep_their_order(stage: Stage) -> None:
    def burst() -> None:
        for number in range(3000):
            stage.service.link.push(f'42["CHAT","{number}"]')

    ran = stage.play((1.0, burst), until=2.0)
    assert [event.payload for event in ran.events()] == [str(number) for number in range(3000)]


def test_the_word_of_an_event_is_what_the_wire_said(stage: Stage) -> None:
    payload = json.dumps({"content": "가" * 10_000})
    ran = stage.play((1.0, lambda: stage.service.link.emit("CHAT", payload)), until=2.0)
    assert story(ran) == [(1.0, payload)]


def test_ending_in_the_middle_of_any_step_closes_the_websocket(stage: Stage) -> None:
    stage.service.subscribe_s = 1.0
    for until in (0.05, 0.5, 1.5, 2.5, 3.5, 30.0):
        stage.service.links.clear()
        stage.service.urls.clear()
        stage.service.closed = 0
        stage.play(until=until)
        assert stage.service.link.closed_at == until


def test_a_full_graph_holds_the_reading_back(stage: Stage) -> None:
    service = stage.service

    async def main() -> None:
        service.urls.clear()
        reception = Reception(
            service, service.connect, jobs=None, clock=Still(), verdicts=None, log=Quiet(), chance=Random(1)
        )
        events = reception.events()
        reading = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        for number in range(3):
            service.link.emit("CHAT", str(number))
        assert (await reading).payload == "0"
        for _ in range(10):
            await asyncio.sleep(0)
        assert service.link._frames.qsize() == 2
        await events.aclose()
        assert service.link.closed_at is not None

    asyncio.run(main())
