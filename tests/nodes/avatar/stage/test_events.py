"""Subscriptions of one connection."""

from typing import Any

import pytest

from nodes.avatar._stage.events import EVENTS, Subscriptions
from nodes.avatar._stage.parts import ID
from nodes.avatar._stage.wire import Error, Refused


def want(name: str, now: float = 0.0, **config: Any) -> Subscriptions:
    subscriptions = Subscriptions()
    subscriptions.change({"eventName": name, "subscribe": True}, config, now)
    return subscriptions


def test_each_event_can_be_subscribed_to_and_all_ended_at_once() -> None:
    subscriptions = Subscriptions()
    for number, name in enumerate(EVENTS, 1):
        answer = subscriptions.change({"eventName": name, "subscribe": True}, {}, 0.0)
        assert answer["subscribedEventCount"] == number
    one_less = subscriptions.change({"eventName": EVENTS[0], "subscribe": False}, {}, 0.0)
    assert one_less["subscribedEvents"] == list(EVENTS[1:])
    assert subscriptions.change({"subscribe": False}, {}, 0.0) == {"subscribedEventCount": 0, "subscribedEvents": []}


@pytest.mark.parametrize(
    ("name", "config", "error"),
    [
        ("NoSuchEvent", {}, Error.EVENT_UNKNOWN),
        ("", {}, Error.EVENT_UNKNOWN),
        ("TestEvent", {"testMessageForEvent": "x" * 33}, Error.TEST_MESSAGE_LONG),
        ("ModelLoadedEvent", {"modelID": [""]}, Error.EVENT_MODEL_ID),
        ("HotkeyTriggeredEvent", {"onlyForAction": "Dance"}, Error.EVENT_HOTKEY_ACTION),
    ],
)
def test_a_wrong_subscription_is_refused(name: str, config: dict[str, Any], error: Error) -> None:
    with pytest.raises(Refused) as caught:
        want(name, **config)
    assert caught.value.error is error


def test_what_is_not_asked_for_is_not_wanted() -> None:
    assert not Subscriptions().wants("ModelMovedEvent", {})
    assert want("ModelMovedEvent").wants("ModelMovedEvent", {})
    assert want("ModelLoadedEvent", modelID=[ID]).wants("ModelLoadedEvent", {})
    assert not want("ModelLoadedEvent", modelID=["other"]).wants("ModelLoadedEvent", {})
    by_api = {"hotkeyTriggeredByAPI": True, "hotkeyAction": "ToggleExpression"}
    name = "HotkeyTriggeredEvent"
    assert want(name).wants(name, by_api)
    assert not want(name, ignoreHotkeysTriggeredByAPI=True).wants(name, by_api)
    assert want(name, onlyForAction="ToggleExpression").wants(name, by_api)
    assert not want(name, onlyForAction="MoveModel").wants(name, by_api)


def test_a_test_event_comes_every_second_and_an_outline_15_times() -> None:
    subscriptions = want("TestEvent", 10.0, testMessageForEvent="hello")
    assert subscriptions.ticking
    told = [subscriptions.test(10.0 + step / 60) for step in range(181)]
    assert [each for each in told if each] == [{"yourTestMessage": "hello", "counter": count} for count in (1, 2, 3)]
    assert not subscriptions.outline(10.0)
    outlines = want("ModelOutlineEvent")
    assert 13 <= sum(outlines.outline(step / 60) for step in range(60)) <= 16
    assert not want("ModelMovedEvent").ticking


def test_after_a_pause_events_are_not_made_up_for() -> None:
    subscriptions = want("TestEvent")
    assert subscriptions.test(100.0) is not None
    assert sum(subscriptions.test(100.0 + step / 100) is not None for step in range(1, 90)) <= 1
