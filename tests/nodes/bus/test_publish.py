import asyncio

import pytest

from nodes.bus import _line
from schemas.chat import ChatMessage, Donation
from schemas.playback import Level, Stop
from tests.harness import run
from tests.nodes.bus.memory import MemoryBus

SETTINGS = {"graph": "show", "place": "pc", "node": "parse", "port": "chat"}
CHAT = ChatMessage(id="m1", author="하늘", text="안녕")
GIFT = Donation(id="d1", author="바다", amount=1000)


@pytest.fixture
def bus(monkeypatch):
    made = MemoryBus()
    monkeypatch.setattr(_line, "open_line", made.open_line)
    return made


def sent(bus, kind):
    return [letter.headers["Aischoco-Type"] for letter in bus.stored.get(kind, [])]


def down(bus, begin, end):
    async def during(_):
        await asyncio.sleep(begin)
        bus.cut(True)
        await asyncio.sleep(end - begin)
        bus.cut(False)

    return during


def test_each_event_goes_in_the_way_of_its_class(bus):
    ran = run(
        "bus.publish",
        {"event": [(0.1, CHAT), (0.2, GIFT), (0.3, Stop(turn="t1")), (0.4, Level(rms=1.0))]},
        settings=SETTINGS,
    )
    assert ran.error is None
    assert ran.completed_at == 0.4
    assert [sent(bus, kind) for kind in ("fresh", "sure", "block")] == [["ChatMessage"], ["Donation"], ["Stop"]]
    assert [where for where, _, _ in bus.said] == ["aischoco.show.pc.parse.chat.latest"]
    assert bus.lines
    assert all(line.closed for line in bus.lines)


def test_headers_tell_type_version_turn_number_and_clock(bus):
    run("bus.publish", {"event": [(0.5, Stop(turn="t1")), (0.6, Stop(turn="턴"))]}, settings=SETTINGS)
    one, two = (letter.headers for letter in bus.stored["block"])
    assert (one["Aischoco-Type"], one["Aischoco-Schema"], one["Aischoco-Turn"]) == ("Stop", "1", "t1")
    assert (one["Aischoco-Number"], two["Aischoco-Number"]) == ("1", "2")
    assert float(one["Aischoco-Start"]) == bus.epoch
    assert two["Aischoco-Turn"].isascii()


def test_a_donation_carries_its_id_so_that_it_is_stored_once(bus):
    run("bus.publish", {"event": [(0.1, GIFT), (0.2, GIFT)]}, settings=SETTINGS)
    assert [letter.headers["Nats-Msg-Id"] for letter in bus.stored["sure"]] == ["aischoco.show.pc.parse.chat.sure d1"]


def test_a_donation_waits_for_the_bus_as_long_as_it_takes(bus):
    ran = run(
        "bus.publish", {"event": [(1.0, GIFT)]}, settings=SETTINGS, complete_at=700.0, during=down(bus, 0.5, 600.0)
    )
    assert sent(bus, "sure") == ["Donation"]
    assert ran.error is None


def test_text_is_given_up_so_that_the_show_here_goes_on(bus):
    stops = [(1.0 + number, Stop(turn=f"t{number}")) for number in range(40)]
    ran = run("bus.publish", {"event": stops}, settings=SETTINGS, complete_at=60.0, during=down(bus, 0.5, 20.0))
    turns = [letter.headers["Aischoco-Turn"] for letter in bus.stored["block"]]
    assert turns == [f"t{number}" for number in range(20, 40)] or turns == [f"t{number}" for number in range(19, 40)]
    assert [line.split()[0] for line in ran.log] == ["warning", "info"]
    assert "19개" in ran.log[1] or "20개" in ran.log[1]


def test_stale_chat_is_not_sent_late(bus):
    ran = run("bus.publish", {"event": [(1.0, CHAT)]}, settings=SETTINGS, complete_at=90.0, during=down(bus, 0.5, 60.0))
    assert sent(bus, "fresh") == []
    assert ran.error is None


def test_levels_are_not_kept_for_later(bus):
    run(
        "bus.publish",
        {"event": [(1.0, Level(rms=1.0))]},
        settings=SETTINGS,
        complete_at=9.0,
        during=down(bus, 0.5, 5.0),
    )
    assert bus.said == []


def test_an_end_does_not_wait_for_a_bus_that_is_gone(bus):
    bus.down = True
    ran = run("bus.publish", {"event": [(1.0, GIFT)]}, settings=SETTINGS, complete_at=2.0)
    assert ran.completed_at is not None
    assert ran.completed_at < 3.0


def test_what_a_replaced_server_had_in_memory_is_sent_again(bus):
    async def replaced(_):
        await asyncio.sleep(1.5)
        bus.stored.clear()
        bus.ids.clear()
        for line in bus.lines:
            line.lives += 1

    run(
        "bus.publish",
        {"event": [(0.1, Stop(turn="t0")), (1.0, Stop(turn="t1"))]},
        settings=SETTINGS,
        complete_at=5.0,
        during=replaced,
    )
    assert [letter.headers["Aischoco-Number"] for letter in bus.stored["block"]] == ["1", "2"]
