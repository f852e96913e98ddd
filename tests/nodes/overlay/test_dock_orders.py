import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.overlay._dock_desk import Desk
from nodes.overlay._dock_orders import LONGEST_SAYING, MOST_SAYINGS, not_done, obey
from schemas.event import Event
from schemas.host import MicOrder, MicState
from schemas.playback import Muted, Speaking, Stop
from schemas.reply import Emotion, ReplyChunk
from tests.nodes.overlay.test_dock_desk import Stand, batch


def desk() -> Desk:
    return Stand().desk


def test_every_order_reaches_the_desk() -> None:
    at = desk()
    assert obey(at, {"order": "mute", "to": True}) == [Muted(muted=True)]
    assert obey(at, {"order": "feel", "emotion": "sad"}) == [Emotion(turn="dock", emotion="sad")]
    assert obey(at, {"order": "approving", "to": True}) == []
    assert obey(at, {"order": "pause", "to": False}) == []
    first, second = batch("a"), batch("b")
    at.batch(first)
    at.batch(second)
    assert obey(at, {"order": "approve", "turn": "a"}) == [first]
    assert obey(at, {"order": "reject", "turn": "b"}) == [Stop(turn="b")]
    assert obey(at, {"order": "say", "text": " 공지 ", "emotion": "happy"}) == []
    assert obey(at, {"order": "say", "text": "하나", "emotion": ""}) == []
    assert obey(at, {"order": "unsay", "turn": "dock-2"}) == []
    said = ReplyChunk(turn="dock-1", text="공지", emotion="happy", rung="operator", last=True)
    assert obey(at, {"order": "skip", "turn": "a"}) == [Stop(turn="a"), said]
    assert obey(at, {"order": "stop"}) == [Stop(turn="dock-1")]
    [now] = obey(at, {"order": "say", "text": "지금", "emotion": None, "at_once": True}) or []
    assert isinstance(now, ReplyChunk)


@pytest.mark.parametrize("order", ["skip", "approve", "reject", "unsay"])
def test_an_order_that_comes_too_late_is_not_done(order: str) -> None:
    assert obey(desk(), {"order": order, "turn": "gone"}) is None


def test_a_button_that_names_no_turn_means_the_one_that_is_heard_or_the_first_that_waits() -> None:
    at = desk()
    for turn in ("a", "b"):
        at.batch(batch(turn))
    at.speaking(Speaking(turn="b", speaking=True))
    assert obey(at, {"order": "skip"}) == [Stop(turn="b")]
    assert obey(at, {"order": "skip"}) == [Stop(turn="a")]
    assert obey(at, {"order": "skip"}) is None
    obey(at, {"order": "approving", "to": True})
    waiting = [batch(turn) for turn in ("c", "d", "e")]
    for each in waiting:
        at.batch(each)
    assert obey(at, {"order": "approve"}) == [waiting[0]]
    assert obey(at, {"order": "reject"}) == [Stop(turn="d")]
    assert obey(at, {"order": "approve"}) == [waiting[2]]
    assert [obey(at, {"order": order}) for order in ("approve", "reject")] == [None, None]


def test_what_waits_behind_a_saying_is_approved_once_and_the_next_press_is_for_the_next_one() -> None:
    at = desk()
    obey(at, {"order": "approving", "to": True})
    obey(at, {"order": "say", "text": "공지"})
    for turn in ("a", "b"):
        at.batch(batch(turn))
    assert [obey(at, {"order": "approve"}) for _ in range(2)] == [[], []]
    assert [at.state.held[turn].approved for turn in ("a", "b")] == [True, True]


@pytest.mark.parametrize(("order", "field"), [("pause", "paused"), ("approving", "approving"), ("mute", "muted")])
def test_a_switch_that_is_not_told_which_way_goes_the_other_way(order: str, field: str) -> None:
    at = desk()
    seen: list[bool] = []
    for _ in range(3):
        obey(at, {"order": order})
        seen.append(getattr(at.state, field))
    assert seen == [True, False, True]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, "order: "),
        ({"order": ["skip"]}, "order: "),
        ({"order": "dance"}, "order: "),
        ({"order": "skip", "turn": 3}, "turn: "),
        ({"order": "approve", "turn": None}, "turn: "),
        ({"order": "unsay"}, "turn: "),
        ({"order": "pause", "to": None}, "to: "),
        ({"order": "mute", "to": 1}, "to: "),
        ({"order": "say", "text": "  "}, "text: "),
        ({"order": "say", "text": "가" * (LONGEST_SAYING + 1)}, "text: "),
        ({"order": "say", "text": "가", "emotion": "hungry"}, "emotion: "),
        ({"order": "say", "text": "가", "emotion": []}, "emotion: "),
        ({"order": "say", "text": "가", "at_once": "yes"}, "at_once: "),
        ({"order": "feel", "emotion": None}, "emotion: "),
        ({"order": "listen", "mode": "on"}, "mode: "),
        ({"order": "listen"}, "mode: "),
        ({"order": "talk", "to": "yes"}, "to: "),
        ({"order": "talk", "to": True, "for_s": 0}, "for_s: "),
        ({"order": "talk", "to": True, "for_s": True}, "for_s: "),
        ({"order": "talk", "to": True, "for_s": float("nan")}, "for_s: "),
        ({"order": "talk", "to": True, "for_s": 3601}, "for_s: "),
    ],
)
def test_a_wrong_order_is_refused_with_the_field_named(said: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        obey(desk(), said)


def test_the_key_of_the_microphone_is_held_and_released_and_its_mode_is_chosen() -> None:
    at = desk()
    at.state.mic = MicState(mode="hold")
    assert obey(at, {"order": "talk", "to": True}) == [MicOrder(held=True)]
    assert obey(at, {"order": "talk", "to": True, "for_s": 3}) == [MicOrder(held=True, for_s=3.0)]
    assert obey(at, {"order": "talk"}) == [MicOrder(held=True)]
    at.state.mic = MicState(mode="hold", held=True)
    assert obey(at, {"order": "talk"}) == [MicOrder(held=False)]
    assert obey(at, {"order": "listen", "mode": "off"}) == [MicOrder(mode="off")]


@pytest.mark.parametrize("said", [{"order": "talk", "to": True}, {"order": "listen", "mode": "open"}])
def test_where_there_is_no_microphone_an_order_to_it_says_so(said: dict[str, Any]) -> None:
    assert obey(desk(), said) is None
    assert "cohost.yaml" in not_done(said)
    assert not_done({"order": "skip"}) == "이미 끝난 일이에요."


def test_only_so_many_sayings_wait() -> None:
    at = desk()
    at.batch(batch("a"))
    for _ in range(MOST_SAYINGS):
        obey(at, {"order": "say", "text": "가" * LONGEST_SAYING})
    with pytest.raises(ValueError, match=str(MOST_SAYINGS)):
        obey(at, {"order": "say", "text": "하나 더"})


json = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=2))


@given(st.dictionaries(st.sampled_from(["order", "turn", "to", "text", "emotion", "at_once"]), json))
def test_whatever_is_sent_is_obeyed_or_refused(said: dict[str, Any]) -> None:
    with contextlib.suppress(ValueError):
        assert all(isinstance(event, Event) for event in obey(desk(), said) or [])
