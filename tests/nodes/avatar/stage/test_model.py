"""The model: hotkeys, expressions, gestures and where it stands."""

from typing import Any

import pytest

from nodes.avatar._stage.model import COOLDOWN_S, QUEUE, Model
from nodes.avatar._stage.parts import HOTKEYS, ID, LIVE2D, MESHES
from nodes.avatar._stage.wire import Error, Refused


def refused(error: Error, call: Any, *arguments: Any) -> None:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    assert caught.value.error is error


def events(model: Model) -> list[str]:
    happened, model.happened = model.happened, []
    return [name for name, _ in happened]


def test_it_tells_what_it_is() -> None:
    told = Model(1.0).current(3.5)
    assert told["modelLoaded"] is True
    assert told["timeSinceModelLoaded"] == 2500
    assert (told["numberOfLive2DParameters"], told["numberOfLive2DArtmeshes"]) == (len(LIVE2D), len(MESHES))


def test_loading_it_again_puts_it_back_and_takes_a_pause() -> None:
    model = Model(0.0)
    model.activate({"expressionFile": "sad.exp3.json", "active": True})
    model.move({"timeInSeconds": 0, "valuesAreRelativeToModel": False, "positionX": 0.5})
    events(model)
    assert model.load({"modelID": ID}, 1.0) == {"modelID": ID}
    assert (model.expressions, model.place["positionX"]) == ([], 0.0)
    assert events(model) == ["ModelMovedEvent", "ModelLoadedEvent", "ModelLoadedEvent"]
    refused(Error.MODEL_COOLDOWN, model.load, {"modelID": ID}, 2.9)
    model.load({"modelID": ID}, 3.0)
    refused(Error.MODEL_ID_MISSING, model.load, {}, 9.0)
    refused(Error.MODEL_ID_INVALID, model.load, {"modelID": 1}, 9.0)
    refused(Error.MODEL_ID_NOT_FOUND, model.load, {"modelID": "other"}, 9.0)


def test_a_move_is_absolute_or_relative_and_stays_in_range() -> None:
    model = Model(0.0)
    for _ in range(2):
        model.move({"timeInSeconds": 0.5, "valuesAreRelativeToModel": True, "rotation": 200, "size": None})
    assert model.place == {"positionX": 0.0, "positionY": 0.0, "rotation": 360.0, "size": 0.0}
    assert [change["seconds"] for change in model.changes] == [0.5, 0.5]
    model.move({"timeInSeconds": 0, "valuesAreRelativeToModel": False, "rotation": 10})
    assert model.moved()["modelPosition"]["rotation"] == 10
    right = {"timeInSeconds": 0, "valuesAreRelativeToModel": False}
    for missing in right:
        refused(Error.MOVE_MISSING, model.move, {key: value for key, value in right.items() if key != missing})
    for wrong in ({"timeInSeconds": 3}, {"size": 101}, {"positionX": "1"}):
        refused(Error.MOVE_OUT_OF_RANGE, model.move, {**right, **wrong})


def test_its_outline_goes_round_its_middle() -> None:
    model = Model(0.0)
    model.move({"timeInSeconds": 0, "valuesAreRelativeToModel": False, "positionX": 0.3})
    outline = model.outline()
    hull = outline["convexHull"]
    assert sum(point["x"] for point in hull) / len(hull) == pytest.approx(0.3, abs=1e-3)
    assert outline["convexHullCenter"] == {"x": 0.3, "y": 0.0}


def test_a_hotkey_is_found_by_id_and_by_name_and_toggles() -> None:
    model = Model(0.0)
    assert model.trigger({"hotkeyID": "웃음"}, 0.0) == {"hotkeyID": "choco-happy"}
    assert model.expressions == ["happy"]
    assert events(model) == ["HotkeyTriggeredEvent"]
    refused(Error.HOTKEY_COOLDOWN, model.trigger, {"hotkeyID": "choco-happy"}, COOLDOWN_S / 2)
    model.trigger({"hotkeyID": "choco-sad"}, 1.0)
    assert model.expressions == ["happy", "sad"]
    model.trigger({"hotkeyID": "choco-happy"}, 2.0)
    assert model.expressions == ["sad"]
    model.trigger({"hotkeyID": "표정 지우기"}, 3.0)
    assert model.expressions == []
    for absent in ("", "no such key"):
        refused(Error.HOTKEY_NOT_FOUND, model.trigger, {"hotkeyID": absent}, 4.0)
    refused(Error.HOTKEY_ITEM_NOT_FOUND, model.trigger, {"hotkeyID": "choco-sad", "itemInstanceID": "x"}, 4.0)
    listed = model.hotkeys()["availableHotkeys"]
    assert [each["hotkeyID"] for each in listed] == list(HOTKEYS)


def test_hotkeys_wait_for_each_other_and_only_so_many_wait() -> None:
    model = Model(0.0)
    model.trigger({"hotkeyID": "choco-happy"}, 0.0)
    model.trigger({"hotkeyID": "choco-sad"}, 0.0)
    assert (model.expressions, model.busy) == (["happy"], True)
    model.run(COOLDOWN_S)
    assert (model.expressions, model.busy) == (["happy", "sad"], False)
    model._next_at = 1e9
    for number in range(QUEUE):
        model.trigger({"hotkeyID": list(HOTKEYS)[number % len(HOTKEYS)]}, 10.0 + number)
    refused(Error.HOTKEY_QUEUE_FULL, model.trigger, {"hotkeyID": "choco-nod"}, 100.0)


def test_a_gesture_is_played_and_ends() -> None:
    model = Model(0.0)
    model.trigger({"hotkeyID": "choco-nod"}, 0.0)
    assert model.changes == [{"type": "gesture", "name": "nod"}]
    assert events(model) == ["ModelAnimationEvent", "HotkeyTriggeredEvent"]
    assert model.busy
    model.run(0.8)
    assert model.happened[0][1]["animationEventType"] == "End"
    assert not model.busy


def test_an_expression_is_set_and_asked_for_by_its_file() -> None:
    model = Model(0.0)
    model.activate({"expressionFile": "angry.exp3.json", "active": True, "fadeTime": 99})
    assert model.changes == [{"type": "expressions", "expressions": ["angry"], "seconds": 2.0}]
    model.activate({"expressionFile": "angry.exp3.json", "active": True, "fadeTime": "x"})
    assert len(model.changes) == 1
    (only,) = model.expression_state({"expressionFile": "angry.exp3.json", "details": True})["expressions"]
    assert (only["active"], only["usedInHotkeys"][0]["id"]) == (True, "choco-angry")
    every = model.expression_state({})["expressions"]
    assert [each["active"] for each in every] == [False, False, True, False, False]
    model.activate({"expressionFile": "angry.exp3.json", "active": False})
    assert model.expressions == []
    refused(Error.EXPRESSION_NAME_INVALID, model.expression_state, {"expressionFile": "angry"})
    refused(Error.EXPRESSION_NOT_FOUND, model.expression_state, {"expressionFile": "no.exp3.json"})
    refused(Error.ACTIVATION_NAME_INVALID, model.activate, {"active": True})
    refused(Error.ACTIVATION_NOT_FOUND, model.activate, {"expressionFile": "no.exp3.json"})
