"""Viewer events that wait."""

from nodes.chat._waiting import Waiting, rotated, those, turn_id
from schemas.chat import HostLine, ViewerEvent
from tests.nodes.chat.fakes import chat, donation


def waiting(number: int, event: ViewerEvent, again: int = 0) -> Waiting:
    return Waiting(number, 0.0, event.lane, event, again)


def test_each_channel_has_its_first_before_any_has_its_second_and_what_is_in_order_stays_so() -> None:
    host = [HostLine(id=id_, author="방송인") for id_ in "hi"]
    events = [*host, chat("a", channel_id="x"), chat("b", channel_id="x"), chat("c", channel_id="y")]
    assert "".join(item.event.id for item in rotated([waiting(n, each) for n, each in enumerate(events)])) == "hiacb"


def test_each_turn_for_the_same_event_has_another_name() -> None:
    names = {turn_id([waiting(0, donation("d"), again)], make_up=make_up) for again in (0, 1, 2) for make_up in (0, 1)}  # type: ignore[arg-type]
    assert len(names) == 6
    assert "t-d" in names


def test_lanes_can_be_narrowed() -> None:
    lanes = {"chat": [waiting(0, chat("a")), waiting(1, chat("b"))]}
    assert [item.event.id for item in those(lanes, lambda item: item.number > 0)["chat"]] == ["b"]  # type: ignore[arg-type]
