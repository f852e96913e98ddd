from nodes.avatar._vts.calls import ApiError
from nodes.avatar._vts.faces import AGAIN_S, TRIES, Faces

LISTED = {
    "availableHotkeys": [
        {"name": "Smile", "type": "ToggleExpression", "file": "smile.exp3.json", "hotkeyID": "H1"},
        {"name": "Wave", "type": "TriggerAnimation", "file": "wave.motion3.json", "hotkeyID": "H2"},
    ]
}


def faces(told: list[str] | None = None, **hotkeys: str) -> Faces:
    return Faces(hotkeys, {"sad": "cry.exp3.json"}, 2.0, (told if told is not None else []).append)


def asked(faces: Faces, now: float) -> list[tuple[str, object]]:
    return [
        (kind, data.get("hotkeyID", (data.get("expressionFile"), data.get("active"))))
        for kind, data, _ in faces.due(now)
    ]


def test_without_a_feeling_nothing_is_asked() -> None:
    assert asked(faces(happy="Wave"), 0.0) == []


def test_a_feeling_without_a_face_asks_nothing_and_costs_no_cooldown() -> None:
    it = faces(happy="Wave")
    it.feel("angry")
    assert asked(it, 0.0) == []
    it.feel("happy")
    assert asked(it, 0.1) == [("HotkeyTrigger", "Wave")]


def test_a_feeling_within_the_cooldown_waits_and_only_the_newest_one() -> None:
    it = faces(happy="Wave", angry="Stamp", excited="Jump")
    it.feel("happy")
    assert asked(it, 0.0) == [("HotkeyTrigger", "Wave")]
    it.feel("angry")
    it.feel("excited")
    assert asked(it, 1.9) == []
    assert asked(it, 2.0) == [("HotkeyTrigger", "Jump")]


def test_a_hotkey_that_toggles_is_set_by_its_file_by_name_or_id() -> None:
    for hotkey in ("smile", "h1"):
        it = faces(happy=hotkey)
        it.listed(LISTED)
        it.feel("happy")
        assert asked(it, 0.0) == [("ExpressionActivation", ("smile.exp3.json", True))]
        it.feel("happy")
        assert asked(it, 10.0) == []
        it.feel("neutral")
        assert asked(it, 20.0) == [("ExpressionActivation", ("smile.exp3.json", False))]


def test_a_file_with_half_a_character_in_its_name_is_none() -> None:
    it = faces(happy="smile")
    it.listed({"availableHotkeys": [{**LISTED["availableHotkeys"][0], "file": "smile\ud83d.exp3.json"}]})
    it.feel("happy")
    assert asked(it, 0.0) == [("HotkeyTrigger", "smile")]


def test_another_model_begins_without_an_expression() -> None:
    it = faces()
    it.feel("sad")
    assert len(asked(it, 0.0)) == 1
    it.loaded()
    it.listed({"availableHotkeys": "none"})
    it.feel("neutral")
    assert asked(it, 10.0) == []


def test_a_model_whose_hotkeys_were_edited_still_shows_its_expression() -> None:
    it = faces()
    it.feel("sad")
    (shown,) = asked(it, 0.0)
    it.listed({"availableHotkeys": []})
    it.feel("neutral")
    assert asked(it, 10.0) == [(shown[0], (shown[1][0], False))]


def test_a_model_that_is_busy_is_asked_again_some_times() -> None:
    it = faces(happy="Wave")
    it.feel("happy")
    now, times = 0.0, 0
    while requests := it.due(now):
        times += 1
        requests[0][2](ApiError(203, "cooldown"))
        assert it.due(now + AGAIN_S - 0.01) == []
        now += AGAIN_S
    assert times == TRIES + 1


def test_a_newer_feeling_comes_before_another_try() -> None:
    it = faces(happy="Wave", angry="Stamp")
    it.feel("happy")
    ((_, _, answered),) = it.due(0.0)
    it.feel("angry")
    answered(ApiError(200, "queue full"))
    assert asked(it, 2.0) == [("HotkeyTrigger", "Stamp")]


def test_an_expression_that_the_model_was_too_busy_for_is_tried_again() -> None:
    it = faces()
    it.feel("sad")
    ((_, _, answered),) = it.due(0.0)
    answered(ApiError(205, "a window is open"))
    assert asked(it, AGAIN_S) == [("ExpressionActivation", ("cry.exp3.json", True))]


def test_what_the_model_does_not_have_is_told_once() -> None:
    told: list[str] = []
    it = faces(told, happy="Nope")
    for now in (0.0, 10.0):
        it.feel("happy")
        ((_, _, answered),) = it.due(now)
        answered(ApiError(202, "not found"))
    assert told == ["모델에 없는 단축키나 표정이에요: Nope"]


def test_other_answers_change_nothing() -> None:
    it = faces(happy="Wave")
    it.feel("happy")
    ((_, _, answered),) = it.due(0.0)
    answered({})
    answered(ApiError(201, "no model"))
    assert it.due(100.0) == []


def test_an_expression_that_could_not_be_switched_off_is_switched_off_later() -> None:
    it = faces()
    it.feel("sad")
    it.due(0.0)
    it.feel("neutral")
    ((_, _, answered),) = it.due(5.0)
    answered(ApiError(205, "a window is open"))
    assert asked(it, 5.0 + AGAIN_S) == [("ExpressionActivation", ("cry.exp3.json", False))]


def pressed(it: Faces, name: str) -> None:
    it.press(next(each for each in it.known if each.called(name)))


def test_a_hotkey_that_a_person_tries_is_triggered_at_once_also_within_the_cooldown() -> None:
    it = faces(happy="Wave")
    it.listed(LISTED)
    it.feel("happy")
    assert asked(it, 0.0) == [("HotkeyTrigger", "Wave")]
    pressed(it, "wave")
    it.feel("happy")
    assert asked(it, 0.1) == [("HotkeyTrigger", "H2")]
    assert asked(it, 0.2) == []
    assert asked(it, 2.0) == [("HotkeyTrigger", "Wave")]


def test_an_expression_that_a_person_tries_goes_on_and_off_and_a_feeling_takes_it_off() -> None:
    it = faces()
    it.listed(LISTED)
    on, off = (("ExpressionActivation", ("smile.exp3.json", each)) for each in (True, False))
    for expected in (on, off, on):
        pressed(it, "H1")
        assert asked(it, 0.0) == [expected]
    it.feel("neutral")
    assert asked(it, 0.1) == [off]


def test_a_press_for_which_the_avatar_is_too_busy_is_not_repeated_as_a_feeling() -> None:
    it = faces(happy="Wave")
    it.listed(LISTED)
    it.feel("happy")
    it.due(0.0)
    pressed(it, "Wave")
    ((_, _, then),) = it.due(0.1)
    then(ApiError(203, "cooldown"))
    assert asked(it, 5.0) == []


def test_presses_for_another_model_are_forgotten() -> None:
    it = faces()
    it.listed(LISTED)
    pressed(it, "Wave")
    it.listed({})
    assert asked(it, 0.0) == []
    assert it.known == ()
