"""The node ``avatar.vts`` and its session, on virtual time, in front of a VTube Studio that does what a test says."""

import asyncio
import itertools
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from nodes import load_all
from nodes.avatar._stage.parts import ID as BUILT_IN
from nodes.avatar._vts import find as vts_find
from nodes.avatar._vts.calls import ranges
from nodes.avatar.vts import Vts
from schemas.playback import Speaking
from schemas.reply import TRIED_OUT, Emotion
from tests.fakes import FakeWeb
from tests.nodes.avatar.vts_peer import Stage, frame, frames


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stage:
    return Stage(monkeypatch, tmp_path)


def told(ran: object, text: str) -> int:
    return sum(text in line for line in ran.log)  # type: ignore[attr-defined]


def test_the_first_time_it_asks_for_permission_and_keeps_it_for_itself(stage: Stage) -> None:
    stage.peer.prompt = [1.5]
    ran = stage.go(frames(3.0), 3.0)
    assert [kind for _, kind, _ in stage.peer.asked[:4]] == [
        "APIState",
        "AuthenticationToken",
        "Authentication",
        "InputParameterList",
    ]
    assert stage.peer.names("AuthenticationToken") == [{"pluginName": "AIsChoco", "pluginDeveloper": "AIsChoco"}]
    assert stage.tokens.read_text() == "127.0.0.1:8001 token1\n"
    assert os.name != "posix" or stat.S_IMODE(stage.tokens.stat().st_mode) == 0o600
    assert told(ran, "허용해 주세요") == 1
    assert told(ran, "아바타에 연결했어요 (127.0.0.1:8001, 초코)") == 1


def test_a_stage_that_allows_by_itself_needs_no_person_and_no_line(stage: Stage) -> None:
    stage.peer.prompt = [0.2]
    ran = stage.go(frames(3.0), 3.0)
    assert told(ran, "아바타에 연결했어요") == 1
    assert told(ran, "허용해 주세요") == 0


def test_new_inputs_are_told_where_a_person_has_to_connect_them(stage: Stage) -> None:
    ran = stage.go(frames(1.0), 1.0, custom={"Tail": {"min": 0, "max": 1}})
    assert told(ran, "모델 설정에서 연결해야 움직여요: Tail") == 1


def test_the_built_in_model_moves_with_new_inputs_by_itself(stage: Stage) -> None:
    stage.peer.model = BUILT_IN
    ran = stage.go(frames(1.0), 1.0, custom={"Tail": {"min": 0, "max": 1}})
    assert told(ran, "아바타에 연결했어요") == 1
    assert told(ran, "모델 설정에서") == 0


def test_the_light_waits_for_the_click_and_then_for_the_connection(stage: Stage) -> None:
    stage.peer.prompt = [200.0]
    ran = stage.go(frames(3.0), 3.0)
    assert ran.conditions["avatar"].state == "waiting"
    assert "허용해 주세요" in ran.conditions["avatar"].text


def test_the_next_time_it_needs_no_prompt(stage: Stage) -> None:
    stage.tokens.parent.mkdir()
    stage.tokens.write_text("old\n")
    stage.peer.tokens = ["old"]
    stage.go(frames(1.0), 1.0)
    assert stage.peer.names("AuthenticationToken") == []
    assert stage.peer.injected


def test_every_frame_goes_out_at_once_with_its_newest_values(stage: Stage) -> None:
    stage.peer.tokens, _ = ["old"], stage.tokens.parent.mkdir()
    stage.tokens.write_text("old")
    stage.go(frames(5.0), 5.0)
    sent = [(at, values["FaceAngleX"][0]) for at, values in stage.peer.injected if at > 0.1]
    assert len(sent) == pytest.approx(294, abs=3)
    assert all(at - value <= 1e-3 for at, value in sent)


def test_it_takes_the_avatar_over_gently(stage: Stage) -> None:
    stage.go(frames(3.0), 3.0)
    weights = [values["FaceAngleX"][1] for _, values in stage.peer.injected]
    assert weights[0] == 0.05
    assert weights == sorted(weights)
    assert weights[40] == 1.0


def test_inputs_that_do_not_change_are_sent_again_before_a_second_is_over(stage: Stage) -> None:
    stage.go([(0.0, frame(FaceAngleX=3.0, MouthOpen=0.4))], 20.0)
    for at in (2.0, 7.3, 15.0, 19.9):
        assert stage.peer.value("FaceAngleX", at) == 3.0
        assert stage.peer.value("MouthOpen", at) == 0.4


def test_an_input_that_no_source_names_any_more_is_let_go(stage: Stage) -> None:
    keep = [(at, frame(at, FaceAngleX=1.0)) for at in range(50)]
    stage.go([(0.0, frame(MouthOpen=1.0)), *keep], 50.0)
    assert stage.peer.value("MouthOpen", 29.0) == 1.0
    assert stage.peer.value("MouthOpen", 33.0) is None
    assert stage.peer.value("FaceAngleX", 49.0) == 1.0


def test_sources_set_their_own_inputs_and_offsets_go_on_top(stage: Stage) -> None:
    pose = [(at / 10, frame(at / 10, FaceAngleX=5.0, MouthSmile=0.9)) for at in range(50)]
    lips = [(at / 10 + 0.05, frame(at / 10, {"MouthSmile": -0.3}, MouthOpen=0.5)) for at in range(20, 40)]
    closing = [(4.0, frame(4.0, {"MouthSmile": 0.4}, MouthOpen=0.0))]
    stage.go(sorted([*pose, *lips, *closing], key=lambda each: each[0]), 5.0)
    assert stage.peer.value("MouthSmile", 1.9) == 0.9
    assert stage.peer.value("MouthSmile", 3.5) == 0.6
    assert stage.peer.value("MouthOpen", 3.5) == 0.5
    assert stage.peer.value("MouthSmile", 4.6) == 1.0
    assert stage.peer.value("FaceAngleX", 4.6) == 5.0


def test_values_stay_in_the_range_that_vtube_studio_tells(stage: Stage) -> None:
    stage.peer.inputs["FaceAngleX"] = (-10.0, 10.0)
    stage.go([(0.0, frame(FaceAngleX=25.0, FaceAngleY=float("nan")))], 2.0)
    assert stage.peer.value("FaceAngleX", 2.0) == 10.0
    assert stage.peer.value("FaceAngleY", 2.0) is None


def test_an_input_without_a_sensible_range_is_sent_as_it_is(stage: Stage) -> None:
    stage.peer.inputs["FaceAngleX"] = (0.0, 0.0)
    stage.go([(0.0, frame(FaceAngleX=25.0))], 2.0)
    assert stage.peer.value("FaceAngleX", 2.0) == 25.0


def test_without_a_model_it_moves_all_the_same(stage: Stage) -> None:
    stage.peer.errors["CurrentModel"] = [0]
    ran = stage.go(frames(2.0), 2.0)
    assert told(ran, "모델 없음") == 1
    assert stage.peer.injected


def test_inputs_that_it_does_not_have_are_left_out_and_told_once(stage: Stage) -> None:
    pose = [(at / 60, frame(at / 60, FaceAngleX=1.0, Tail=1.0)) for at in range(300)]
    ran = stage.go(pose, 5.0)
    assert stage.peer.refused == []
    assert stage.peer.value("FaceAngleX", 5.0) == 1.0
    assert told(ran, "없는 입력이라 보내지 않아요: Tail") == 1


def test_an_input_that_vanished_costs_the_others_nothing_for_long(stage: Stage) -> None:
    pose = [(at / 60, frame(at / 60, FaceAngleX=at / 60, FaceAngleY=1.0, MouthOpen=0.2)) for at in range(1200)]
    ran = stage.go(pose, 20.0, plan={3.0: lambda: stage.peer.inputs.pop("MouthOpen")})
    sent = [at for at, values in stage.peer.injected if "FaceAngleX" in values and at > 1.0]
    assert max(b - a for a, b in itertools.pairwise(sent)) < 0.1
    assert len(stage.peer.refused) < 12
    assert told(ran, "없는 입력이라 보내지 않아요: MouthOpen") == 1


def test_an_input_of_another_plugin_is_left_to_it_and_taken_back_when_it_is_free(stage: Stage) -> None:
    stage.peer.held = {"EyeOpenLeft"}
    pose = [(at / 60, frame(at / 60, FaceAngleX=at / 60, EyeOpenLeft=0.5)) for at in range(1800)]
    ran = stage.go(pose, 30.0, plan={16.0: stage.peer.held.clear})
    sent = [at for at, values in stage.peer.injected if "FaceAngleX" in values]
    assert max(b - a for a, b in itertools.pairwise(sent)) < 0.1
    assert 3 <= len(stage.peer.refused) <= 6
    assert stage.peer.value("EyeOpenLeft", 15.9) is None
    assert stage.peer.value("EyeOpenLeft", 22.0) == 0.5
    assert told(ran, "다른 플러그인이 쓰고 있어서 5초마다 다시 해 봐요: EyeOpenLeft") == 1


def test_a_refusal_of_another_kind_is_told_once(stage: Stage) -> None:
    stage.peer.errors["InjectParameterData"] = [451] * 5
    ran = stage.go(frames(3.0), 3.0)
    assert told(ran, "받지 않았어요: no (451)") == 1
    assert stage.peer.value("FaceAngleX", 3.0) is not None


def test_answers_that_are_late_do_not_hold_the_movement_up(stage: Stage) -> None:
    stage.peer.delay_s = 0.1
    stage.go(frames(5.0), 5.0)
    sent = [at for at, _ in stage.peer.injected]
    assert len(sent) > 4 * 55


def test_while_answers_are_missing_only_the_newest_values_wait(stage: Stage) -> None:
    stage.peer.delay_s = 1.0
    stage.go(frames(6.0), 6.0)
    times = [at for at, _ in stage.peer.injected]
    for at in times:
        assert sum(at <= other < at + 1.0 for other in times) <= 8
    for at, values in stage.peer.injected[8:]:
        assert at - values["FaceAngleX"][0] < 0.02


def test_a_peer_that_answers_nothing_any_more_is_left_and_called_again(stage: Stage) -> None:
    def deaf() -> None:
        stage.peer.mute.add("InjectParameterData")

    stage.go(frames(30.0), 30.0, plan={5.0: deaf, 12.0: stage.peer.mute.clear})
    assert stage.peer.links[0].closed_at == pytest.approx(10.0, abs=0.5)
    assert len(stage.peer.links) == 3
    assert stage.peer.value("FaceAngleX", 29.0) == pytest.approx(29.0, abs=0.1)


def test_when_it_was_closed_it_is_back_within_three_seconds_with_the_same_token(stage: Stage) -> None:
    def back() -> None:
        stage.peer.up = True

    ran = stage.go(frames(90.0, hz=20), 90.0, plan={10.0: stage.peer.die, 70.0: back})
    again = next(at for at, _ in stage.peer.injected if at > 10.0)
    assert 70.0 < again < 73.0
    assert len(stage.peer.names("AuthenticationToken")) == 1
    assert told(ran, "기다려요") == 1
    assert told(ran, "아바타에 연결했어요") == 2
    gaps = [b - a for (a, _), (b, _) in zip(stage.peer.tried, stage.peer.tried[1:], strict=False)]
    assert max(gaps[1:]) <= 3.0
    assert stage.peer.injected[-1][1]["FaceAngleX"][0] == pytest.approx(89.95, abs=0.1)


def test_while_it_is_away_nothing_piles_up(stage: Stage) -> None:
    stage.peer.up = False

    def back() -> None:
        stage.peer.up = True

    stage.go(frames(60.0), 60.0, plan={50.0: back})
    first = stage.peer.injected[0]
    assert first[1]["FaceAngleX"][0] == pytest.approx(first[0], abs=0.05)
    assert all(b > a for (a, _), (b, _) in zip(stage.peer.injected, stage.peer.injected[1:], strict=False))


def test_a_revoked_permission_is_asked_for_anew(stage: Stage) -> None:
    def revoke() -> None:
        stage.peer.tokens.clear()
        stage.peer.link.authenticated = False

    ran = stage.go(frames(15.0), 15.0, plan={5.0: revoke})
    assert len(stage.peer.names("AuthenticationToken")) == 2
    assert told(ran, "지난번 허용을 잊었어요") == 1
    assert stage.peer.value("FaceAngleX", 14.0) == pytest.approx(14.0, abs=0.1)


def test_who_says_no_is_not_asked_again_until_the_window_was_closed(stage: Stage) -> None:
    stage.peer.prompt = [-50]

    def again() -> None:
        stage.peer.die()
        stage.peer.up = True

    ran = stage.go(frames(400.0, hz=1), 400.0, plan={300.0: again})
    asked = [at for at, kind, _ in stage.peer.asked if kind == "AuthenticationToken"]
    assert len(asked) == 2
    assert asked[1] > 300.0
    assert told(ran, "허용하지 않았어요") == 1
    assert stage.peer.value("FaceAngleX", 399.5) is not None


def test_a_token_that_is_refused_right_away_counts_as_a_no(stage: Stage) -> None:
    stage.peer.errors["Authentication"] = []
    stage.peer.prompt = [0.5]
    ran = stage.go(frames(100.0, hz=1), 100.0, plan={0.2: stage.peer.tokens.clear})
    assert len(stage.peer.names("AuthenticationToken")) == 1
    assert told(ran, "허용하지 않았어요") == 1


def test_an_open_prompt_is_waited_for(stage: Stage) -> None:
    stage.peer.prompt = [-51, -51, 2.0]
    stage.go(frames(20.0), 20.0)
    asked = [at for at, kind, _ in stage.peer.asked if kind == "AuthenticationToken"]
    assert asked == pytest.approx([0.0, 5.0, 10.0], abs=0.01)
    assert stage.peer.value("FaceAngleX", 19.0) == pytest.approx(19.0, abs=0.1)


def test_a_person_may_think_for_minutes(stage: Stage) -> None:
    stage.peer.prompt = [200.0]
    stage.go(frames(210.0, hz=2), 210.0)
    assert len(stage.peer.links) == 1
    assert stage.peer.value("FaceAngleX", 209.0) == pytest.approx(209.0, abs=1.0)


def test_an_api_that_is_off_is_told_once_and_tried_again(stage: Stage) -> None:
    stage.peer.api = False

    def switch_on() -> None:
        stage.peer.api = True

    ran = stage.go(frames(30.0), 30.0, plan={20.0: switch_on})
    assert told(ran, "API가 꺼져 있어요") == 1
    assert stage.peer.value("FaceAngleX", 29.0) == pytest.approx(29.0, abs=0.1)


def test_an_api_that_is_switched_off_in_between_is_noticed(stage: Stage) -> None:
    def switch(on: bool) -> None:
        stage.peer.api = on

    ran = stage.go(frames(30.0), 30.0, plan={5.0: lambda: switch(False), 10.0: lambda: switch(True)})
    assert told(ran, "API가 꺼져 있어요") == 1
    assert stage.peer.value("FaceAngleX", 29.0) == pytest.approx(29.0, abs=0.1)


@pytest.mark.parametrize("kind", ["APIState", "InputParameterList"])
def test_a_step_without_an_answer_is_begun_anew(stage: Stage, kind: str) -> None:
    stage.peer.mute = {kind}
    stage.go(frames(20.0), 20.0, plan={7.0: stage.peer.mute.clear})
    assert len(stage.peer.links) >= 2
    assert stage.peer.value("FaceAngleX", 19.0) == pytest.approx(19.0, abs=0.1)


@pytest.mark.parametrize(("kind", "error"), [("APIState", 0), ("AuthenticationToken", 54), ("InputParameterList", 8)])
def test_a_step_that_is_refused_is_begun_anew(stage: Stage, kind: str, error: int) -> None:
    stage.peer.errors[kind] = [error]
    stage.go(frames(10.0), 10.0)
    assert len(stage.peer.links) == 2
    assert stage.peer.value("FaceAngleX", 9.0) == pytest.approx(9.0, abs=0.1)


def test_a_token_that_is_none_is_not_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = stage.peer.answer
    empty = [{"authenticationToken": each} for each in ("two words", "", "half\ud83d")]

    def answers(kind: str, data: dict[str, object]) -> object:
        return (0.0, empty.pop()) if kind == "AuthenticationToken" and empty else answer(kind, data)

    monkeypatch.setattr(stage.peer, "answer", answers)
    stage.go(frames(10.0), 10.0)
    assert stage.tokens.read_text() == "127.0.0.1:8001 token1\n"


def test_a_permission_that_cannot_be_written_down_is_used_all_the_same(stage: Stage) -> None:
    stage.tokens.parent.write_text("a file where the folder should be")
    ran = stage.go(frames(5.0), 5.0)
    assert told(ran, "적어 두지 못해 다음에 또 물어요") == 1
    assert stage.peer.value("FaceAngleX", 5.0) is not None


def test_an_event_with_the_id_of_a_request_is_no_answer(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.nodes.avatar.vts_peer import Link

    send = Link.send

    async def event_first(self: Link, text: str) -> None:
        id_ = json.loads(text)["requestID"]
        self.say({"requestID": id_, "messageType": "TestEvent", "data": {"counter": 1}})
        self.say("no JSON")
        self.say([1, 2])
        await send(self, text)

    monkeypatch.setattr(Link, "send", event_first)
    stage.go(frames(3.0), 3.0)
    assert stage.peer.value("FaceAngleX", 3.0) is not None
    assert len(stage.peer.links) == 1


def test_inputs_of_its_own_are_made_and_explained(stage: Stage) -> None:
    stage.peer.inputs["AIsChocoLegL"] = (-30.0, 30.0)
    pose = [(0.0, frame(AIsChocoBreath=0.7))]
    ran = stage.go(pose, 5.0, custom=Vts.model_fields["custom"].default)
    made = {each["parameterName"]: each for each in stage.peer.names("ParameterCreation")}
    assert set(made) == {"AIsChocoBreath", "AIsChocoBrowLAngle", "AIsChocoBrowRAngle", "AIsChocoLegR"}
    assert made["AIsChocoBreath"] | {"explanation": ""} == {
        "parameterName": "AIsChocoBreath",
        "explanation": "",
        "min": 0.0,
        "max": 1.0,
        "defaultValue": 0.5,
    }
    assert all(0 < len(each["explanation"]) < 256 for each in made.values())
    assert stage.peer.value("AIsChocoBreath", 5.0) == 0.7
    assert told(ran, "모델 설정에서 연결해야 움직여요: AIsChocoBreath,") == 1


def test_an_input_that_cannot_be_made_is_told_and_the_rest_goes_on(stage: Stage) -> None:
    stage.peer.errors["ParameterCreation"] = [352]
    ran = stage.go(frames(3.0), 3.0, custom={"Tail": {"min": 0, "max": 1}})
    assert told(ran, "입력을 만들지 못했어요: Tail: no (352)") == 1
    assert stage.peer.value("FaceAngleX", 3.0) is not None


def test_another_model_is_looked_at_once(stage: Stage) -> None:
    def other_model() -> None:
        stage.peer.inputs["Tail"] = (0.0, 0.5)
        stage.peer.link.say({"requestID": "x", "messageType": "ModelLoadedEvent", "data": {"modelLoaded": True}})

    pose = [(at / 10, frame(at / 10, FaceAngleX=1.0, Tail=1.0)) for at in range(100)]
    ran = stage.go(pose, 10.0, plan={5.0: other_model})
    assert stage.peer.value("Tail", 4.9) is None
    assert stage.peer.value("Tail", 9.0) == 0.5
    assert [at for at, kind, _ in stage.peer.asked if kind == "InputParameterList" and at > 4.0] == [
        pytest.approx(5.0, abs=0.1)
    ]
    assert [each["eventName"] for each in stage.peer.names("EventSubscription")] == [
        "ModelLoadedEvent",
        "ModelConfigChangedEvent",
    ]
    assert ran.error is None


def feel(at: float, emotion: str) -> tuple[float, Emotion]:
    return at, Emotion(turn="t", emotion=emotion)


def test_a_feeling_presses_its_hotkey(stage: Stage) -> None:
    stage.go(frames(10.0), 10.0, emotion=[feel(2.0, "happy"), feel(6.0, "sad")], hotkeys={"happy": "웃음"})
    pressed = [(at, data) for at, kind, data in stage.peer.asked if kind == "HotkeyTrigger"]
    assert [data for _, data in pressed] == [{"hotkeyID": "웃음"}]
    assert pressed[0][0] == pytest.approx(2.0, abs=0.02)


def test_the_hotkey_of_a_turn_that_is_made_ahead_is_pressed_when_that_turn_is_heard(stage: Stage) -> None:
    speaking = [(1.0, Speaking(turn="s", speaking=True)), (5.0, Speaking(turn="s", speaking=False))]
    stage.go(frames(8.0), 8.0, emotion=[feel(2.0, "happy")], speaking=speaking, hotkeys={"happy": "웃음"})
    assert [at for at, kind, _ in stage.peer.asked if kind == "HotkeyTrigger"] == [pytest.approx(5.0, abs=0.02)]


def test_a_feeling_that_is_tried_out_presses_its_hotkey_at_once(stage: Stage) -> None:
    speaking = [(1.0, Speaking(turn="s", speaking=True))]
    tried = (2.0, Emotion(turn=TRIED_OUT, emotion="happy"))
    stage.go(frames(8.0), 8.0, emotion=[tried], speaking=speaking, hotkeys={"happy": "웃음"})
    assert [at for at, kind, _ in stage.peer.asked if kind == "HotkeyTrigger"] == [pytest.approx(2.0, abs=0.02)]


def test_the_dock_lists_the_hotkeys_and_a_click_tries_one(stage: Stage) -> None:
    stage.peer.hotkeys = [{"name": "손 흔들기", "type": "TriggerAnimation", "file": "", "hotkeyID": "h1"}]
    shown: list[Any] = []
    pages = stage.web.open

    def look() -> None:
        shown.append(pages["get", "/api/avatar/hotkeys"]({}))

    def press() -> None:
        shown.append(pages["post", "/api/avatar/hotkey"]({"hotkey": "h1"}))

    stage.go(frames(6.0), 6.0, hotkeys={"happy": "웃음"}, plan={0.1: look, 3.0: look, 4.0: press})
    assert shown[0] == {"connected": False, "hotkeys": [], "chosen": {"happy": "웃음"}}
    assert [each["name"] for each in shown[1]["hotkeys"]] == ["손 흔들기"]
    assert shown[2] == {"done": True}
    pressed = [(at, data) for at, kind, data in stage.peer.asked if kind == "HotkeyTrigger"]
    assert pressed == [(pytest.approx(4.0, abs=0.02), {"hotkeyID": "h1"})]


def test_a_second_avatar_leaves_the_page_to_the_first(stage: Stage) -> None:
    first = stage.web.get("/api/avatar/hotkeys", lambda _: {})

    def gone() -> None:
        first.dispose()

    stage.go(frames(2.0), 2.0, plan={1.0: gone})
    assert stage.peer.injected


def test_a_feeling_switches_its_expression_on_and_the_one_before_off(stage: Stage) -> None:
    stage.peer.hotkeys = [
        {"name": "Smile", "type": "ToggleExpression", "file": "smile.exp3.json", "hotkeyID": "h1"},
        "no object",  # type: ignore[list-item]
    ]
    stage.go(
        frames(20.0),
        20.0,
        emotion=[feel(2.0, "happy"), feel(6.0, "sad"), feel(10.0, "neutral")],
        hotkeys={"happy": "smile"},
        expressions={"sad": "cry.exp3.json"},
    )
    shown = [(each["expressionFile"], each["active"]) for each in stage.peer.names("ExpressionActivation")]
    assert shown == [
        ("smile.exp3.json", True),
        ("smile.exp3.json", False),
        ("cry.exp3.json", True),
        ("cry.exp3.json", False),
    ]
    assert stage.peer.names("HotkeyTrigger") == []


@pytest.mark.parametrize(("event", "times"), [("ModelLoadedEvent", 2), ("ModelConfigChangedEvent", 1)])
def test_after_another_model_was_loaded_its_expression_is_switched_on_again(
    stage: Stage, event: str, times: int
) -> None:
    def told() -> None:
        stage.peer.link.say({"requestID": "x", "messageType": event, "data": {"modelLoaded": True}})

    feelings = [feel(2.0, "happy"), feel(8.0, "happy")]
    stage.go(frames(12.0), 12.0, plan={5.0: told}, emotion=feelings, expressions={"happy": "smile.exp3.json"})
    shown = [(each["expressionFile"], each["active"]) for each in stage.peer.names("ExpressionActivation")]
    assert shown == [("smile.exp3.json", True)] * times


def test_only_this_computer_unless_the_user_says_otherwise() -> None:
    for host in ("127.0.0.1", "127.1.2.3", "localhost", "::1"):
        assert Vts(host=host).host == host
    for host in ("192.168.0.7", "vts.example", "0.0.0.0"):
        with pytest.raises(ValidationError, match="remote: true로"):
            Vts(host=host)
    assert Vts(host="192.168.0.7", remote=True).remote


def test_a_port_that_it_tells_by_broadcast_is_used(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = stage.peer.connect

    async def moved(host: str, port: int) -> object:
        stage.peer.up = port == 8005
        return await connect(host, port)

    async def find(seconds: float, own: str) -> vts_find.Found:
        return vts_find.Found(port=8005, active=True)

    monkeypatch.setattr(stage.peer, "connect", moved)
    monkeypatch.setattr(vts_find, "find", find)
    ran = stage.go(frames(10.0), 10.0, discover=True)
    assert [port for _, port in stage.peer.tried] == [8001, 8001, 8001, 8005]
    assert told(ran, "포트 8005에서 찾았어요") == 1
    assert stage.tokens.read_text().startswith("127.0.0.1:8005 ")


def test_the_stage_of_another_show_is_offered_once_and_left_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def find(seconds: float, own: str) -> vts_find.Found:
        assert own == vts_find.instance(FakeWeb.url)
        await asyncio.sleep(seconds)
        return vts_find.Found(port=8005, active=True, others=True)

    stage.peer.up = False
    monkeypatch.setattr(vts_find, "find", find)
    ran = stage.go(frames(60.0, hz=1), 60.0, discover=True)
    assert {port for _, port in stage.peer.tried} == {8001}
    assert len(stage.peer.tried) > 10
    assert told(ran, "port를 8005") == 1


def test_an_avatar_that_comes_a_moment_later_was_never_waited_for(stage: Stage) -> None:
    def begin() -> None:
        stage.peer.up = True

    stage.peer.up = False
    ran = stage.go(frames(10.0), 10.0, plan={1.0: begin})
    assert told(ran, "기다려요") == 0
    assert stage.peer.injected


def test_a_broadcast_that_says_that_the_api_is_off_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [None, vts_find.Found(port=8001, active=True)]

    async def find(seconds: float, own: str) -> vts_find.Found | None:
        return found.pop(0) if found else vts_find.Found(port=8001, active=False)

    stage.peer.up = False
    monkeypatch.setattr(vts_find, "find", find)
    ran = stage.go(frames(60.0, hz=1), 60.0, discover=True)
    assert told(ran, "API가 꺼져 있어요") == 1
    assert told(ran, "기다려요") == 1
    assert {port for _, port in stage.peer.tried} == {8001}


def test_it_is_a_sink_of_which_one_runs_at_a_time() -> None:
    spec = load_all()["avatar.vts"]
    assert spec.outputs == ()
    assert spec.exclusive
    ports = [("pose", False), ("emotion", True), ("speaking", True)]
    assert [(port.name, port.optional) for port in spec.inputs] == ports


@pytest.mark.parametrize(
    ("low", "high"),
    [(1, 1), ("0", 1), (0, None), (0, float("inf")), (-2e6, 1), (0, 10**400), (float("nan"), 1)],
)
def test_a_range_that_makes_no_sense_is_all_that_the_avatar_takes(low: Any, high: Any) -> None:
    assert ranges({"defaultParameters": [{"name": "a", "min": low, "max": high}]}) == {"a": (-1e6, 1e6)}


def test_inputs_of_both_lists_have_their_ranges_and_what_is_no_list_has_none() -> None:
    listed = [{"name": "a", "min": -30, "max": 30}, 5]
    own = [{"name": "b", "min": 0, "max": 1.5}]
    assert ranges({"defaultParameters": listed, "customParameters": own}) == {"a": (-30.0, 30.0), "b": (0.0, 1.5)}
    assert ranges({"defaultParameters": 5}) == {}
