"""The API without a socket, as a playbook: what a plugin says and what it hears."""

import json
from pathlib import Path
from typing import Any

import pytest

from nodes.avatar._stage.api import Api, Guest
from nodes.avatar._stage.grants import Grants
from nodes.avatar._stage.parts import ID

WHO = {"pluginName": "Plug", "pluginDeveloper": "tests"}


class Desk:
    """An API and what its plugins hear."""

    def __init__(self, folder: Path, *, allow: bool = True) -> None:
        self.grants = Grants(folder / "tokens.json")
        self.api = Api(self.grants, 0.0, allow=allow)
        self.now = 0.0
        self.heard: list[dict[str, Any]] = []

    def guest(self, page: str = "", *, near: bool = True) -> Guest:
        return self.api.connect(self.heard.append, page=page, near=near)

    def say(self, guest: Guest, kind: str, **data: Any) -> None:
        envelope = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "requestID": kind}
        self.api.take(guest, json.dumps({**envelope, "messageType": f"{kind}Request", "data": data}), self.now)

    def ask(self, guest: Guest, kind: str, **data: Any) -> dict[str, Any]:
        self.heard.clear()
        self.say(guest, kind, **data)
        (answer,) = [each for each in self.heard if each["requestID"] == kind]
        assert answer["messageType"] in (f"{kind}Response", "APIError")
        return answer["data"]

    def member(self, name: str = "Plug") -> Guest:
        guest, who = self.guest(), {**WHO, "pluginName": name}
        token = self.ask(guest, "AuthenticationToken", **who)["authenticationToken"]
        assert self.ask(guest, "Authentication", authenticationToken=token, **who)["authenticated"] is True
        return guest


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_state_is_told_to_anyone_and_the_rest_after_a_login(desk: Desk) -> None:
    guest = desk.guest()
    assert desk.ask(guest, "APIState")["currentSessionAuthenticated"] is False
    assert desk.ask(guest, "CurrentModel")["errorID"] == 8
    assert desk.ask(guest, "ItemList")["errorID"] == 8
    assert desk.ask(guest, "NoSuch")["errorID"] == 7
    member = desk.member()
    assert desk.ask(member, "APIState")["currentSessionAuthenticated"] is True
    assert desk.ask(member, "Statistics")["connectedPlugins"] == 1
    desk.api.take(member, "{", 0.0)
    assert desk.heard[-1]["data"]["errorID"] == 2


def test_a_person_is_asked_once_and_one_plugin_at_a_time(tmp_path: Path) -> None:
    desk = Desk(tmp_path, allow=False)
    first, second = desk.guest(), desk.guest()
    desk.say(first, "AuthenticationToken", **WHO)
    assert desk.heard == []
    prompt = desk.api.prompt
    assert prompt is not None
    assert desk.api.changes() == [{"type": "prompt", "prompt": prompt.shown()}]
    assert desk.api.shown(0.0)["prompt"] == prompt.shown()
    assert desk.api.changes() == []
    assert desk.ask(second, "AuthenticationToken", **WHO)["errorID"] == 51
    assert not desk.api.decide("another", True, 0.0)
    desk.heard.clear()
    assert desk.api.decide(prompt.id, False, 0.0)
    assert desk.heard[0]["data"]["errorID"] == 50
    assert not desk.api.decide(prompt.id, True, 0.0)
    desk.say(first, "AuthenticationToken", **WHO)
    assert desk.api.prompt is not None
    assert desk.api.decide(desk.api.prompt.id, True, 0.0)
    token = desk.heard[-1]["data"]["authenticationToken"]
    assert desk.ask(first, "Authentication", authenticationToken=token, **WHO)["authenticated"] is True


def test_a_prompt_goes_with_its_plugin(tmp_path: Path) -> None:
    desk = Desk(tmp_path, allow=False)
    guest, other = desk.guest(), desk.guest()
    desk.say(guest, "AuthenticationToken", **WHO)
    desk.api.leave(other)
    assert desk.api.prompt is not None
    desk.api.leave(guest)
    assert desk.api.prompt is None
    assert desk.api.guests == []


def test_a_web_page_is_never_allowed_without_a_person(desk: Desk) -> None:
    desk.say(desk.guest("http://evil.example"), "AuthenticationToken", **WHO)
    assert desk.heard == []
    assert desk.api.prompt is not None
    assert desk.api.prompt.shown()["page"] == "http://evil.example"


def test_another_machine_is_never_allowed_without_a_person(desk: Desk) -> None:
    desk.say(desk.guest(near=False), "AuthenticationToken", **WHO)
    assert desk.heard == []
    assert desk.api.prompt is not None
    assert "authenticationToken" in desk.ask(desk.guest(), "AuthenticationToken", **{**WHO, "pluginName": "Near"})


def test_a_page_that_asks_again_and_again_is_one_question_a_minute(tmp_path: Path) -> None:
    desk = Desk(tmp_path, allow=False)
    asked: list[float] = []
    for tick in range(2000):
        desk.now = tick / 10
        page = desk.guest("http://evil.example")
        desk.heard.clear()
        desk.say(page, "AuthenticationToken", **WHO)
        if desk.api.prompt is not None:
            asked.append(desk.now)
        else:
            assert desk.heard[0]["data"]["errorID"] == 51
        desk.api.leave(page)
    assert asked == [0.0, 60.0, 120.0, 180.0]


def test_pages_of_many_names_are_one_question_in_ten_seconds(tmp_path: Path) -> None:
    desk = Desk(tmp_path, allow=False)
    asked = 0
    for tick in range(1000):
        desk.now = tick / 10
        page = desk.guest(f"http://{tick}.evil.example")
        desk.say(page, "AuthenticationToken", **WHO)
        asked += desk.api.prompt is not None
        desk.api.leave(page)
    assert asked == 10


def test_a_page_that_was_denied_is_not_asked_about_again_for_ten_minutes(tmp_path: Path) -> None:
    desk = Desk(tmp_path, allow=False)
    page = desk.guest("http://evil.example")
    desk.say(page, "AuthenticationToken", **WHO)
    assert desk.api.prompt is not None
    assert desk.api.decide(desk.api.prompt.id, False, 0.0)
    for desk.now, asked in ((599.0, False), (600.0, True)):
        desk.say(page, "AuthenticationToken", **WHO)
        assert (desk.api.prompt is not None) is asked


def test_a_question_about_a_page_does_not_keep_a_program_waiting(tmp_path: Path) -> None:
    desk = Desk(tmp_path, allow=False)
    page, program = desk.guest("http://evil.example"), desk.guest()
    desk.say(page, "AuthenticationToken", **WHO)
    desk.say(program, "AuthenticationToken", **WHO)
    assert [each["data"]["errorID"] for each in desk.heard] == [51]
    assert desk.api.prompt is not None
    assert desk.api.prompt.guest is program
    desk.now = 100.0
    assert desk.ask(page, "AuthenticationToken", **WHO)["errorID"] == 51
    assert desk.api.prompt.guest is program


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"pluginName": "ab"}, 52),
        ({"pluginName": "x" * 33}, 52),
        ({"pluginDeveloper": ""}, 53),
        ({"pluginIcon": "no icon"}, 54),
    ],
)
def test_a_wrong_introduction_is_refused(desk: Desk, wrong: dict[str, Any], error: int) -> None:
    assert desk.ask(desk.guest(), "AuthenticationToken", **{**WHO, **wrong})["errorID"] == error


def test_a_login_needs_all_three_and_a_token_of_that_plugin(desk: Desk) -> None:
    guest = desk.guest()
    token = desk.ask(guest, "AuthenticationToken", **WHO)["authenticationToken"]
    whole = {**WHO, "authenticationToken": token}
    for name, error in {"authenticationToken": 100, "pluginName": 101, "pluginDeveloper": 102}.items():
        assert desk.ask(guest, "Authentication", **{**whole, name: ""})["errorID"] == error
    assert desk.ask(guest, "Authentication", **{**whole, "pluginName": "Other"})["authenticated"] is False
    assert desk.ask(guest, "CurrentModel")["errorID"] == 8
    assert desk.ask(guest, "Authentication", **whole)["authenticated"] is True
    assert desk.ask(guest, "Authentication", **{**whole, "authenticationToken": "wrong"})["authenticated"] is False
    assert desk.ask(guest, "CurrentModel")["errorID"] == 8


def test_a_plugin_keeps_its_token_however_often_another_of_its_name_asks_for_one(desk: Desk) -> None:
    first, second = desk.guest(), desk.guest()
    token = desk.ask(first, "AuthenticationToken", **WHO)["authenticationToken"]
    assert desk.ask(first, "Authentication", authenticationToken=token, **WHO)["authenticated"] is True
    for number in range(200):
        who = WHO if number % 2 else {**WHO, "pluginName": f"Plug {number}"}
        desk.ask(second, "AuthenticationToken", **who)
    assert desk.ask(desk.guest(), "Authentication", authenticationToken=token, **WHO)["authenticated"] is True


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("CurrentModel", {}, {"modelID": ID}),
        ("AvailableModels", {}, {"numberOfModels": 1}),
        ("ModelLoad", {"modelID": ID}, {"modelID": ID}),
        ("MoveModel", {"timeInSeconds": 0, "valuesAreRelativeToModel": False}, {}),
        ("HotkeysInCurrentModel", {}, {"modelLoaded": True}),
        ("HotkeyTrigger", {"hotkeyID": "choco-nod"}, {"hotkeyID": "choco-nod"}),
        ("ExpressionState", {}, {"modelID": ID}),
        ("ExpressionActivation", {"expressionFile": "happy.exp3.json", "active": True}, {}),
        ("ArtMeshList", {}, {"numberOfArtMeshTags": 0}),
        ("ColorTint", {"colorTint": {}, "artMeshMatcher": {}}, {"errorID": 251}),
        ("FaceFound", {}, {"found": False}),
        ("InputParameterList", {}, {"customParameters": []}),
        ("ParameterValue", {"name": "MouthOpen"}, {"value": 0.0}),
        ("ParameterValue", {"name": "ParamMouthOpenY"}, {"errorID": 500}),
        ("ParameterCreation", {"parameterName": "x"}, {"errorID": 350}),
        ("ParameterDeletion", {"parameterName": "MouthOpen"}, {"errorID": 403}),
        ("InjectParameterData", {}, {"errorID": 450}),
        ("ItemList", {}, {"itemsInSceneCount": 0}),
    ],
)
def test_each_request_has_its_answer(desk: Desk, kind: str, data: dict[str, Any], expected: dict[str, Any]) -> None:
    answer = desk.ask(desk.member(), kind, **data)
    assert {name: answer[name] for name in expected} == expected


def test_outputs_of_the_model_follow_its_inputs_within_their_range(desk: Desk) -> None:
    member = desk.member()
    values = [{"id": "FaceAngleX", "value": 99}, {"id": "MouthOpen", "value": 0.5}]
    assert desk.ask(member, "InjectParameterData", parameterValues=values) == {}
    shown = {each["name"]: each["value"] for each in desk.ask(member, "Live2DParameterList")["parameters"]}
    assert (shown["ParamAngleX"], shown["ParamMouthOpenY"]) == (30.0, 0.5)
    assert desk.api.shown(0.0)["values"] == {"FaceAngleX": 99.0, "MouthOpen": 0.5}


def test_two_plugins_cannot_set_one_input(desk: Desk) -> None:
    one, other = desk.member("One"), desk.member("Other")
    values = [{"id": "MouthOpen", "value": 0.5}]
    desk.ask(one, "InjectParameterData", parameterValues=values)
    assert desk.ask(other, "InjectParameterData", parameterValues=values)["errorID"] == 454


def test_events_go_to_those_who_want_them(desk: Desk) -> None:
    one, other = desk.member("One"), desk.member("Other")
    heard: list[dict[str, Any]] = []
    other.tell = heard.append
    assert not desk.api.ticking
    for name in ("ModelMovedEvent", "TestEvent", "ModelOutlineEvent", "TrackingStatusChangedEvent"):
        assert desk.ask(one, "EventSubscription", eventName=name, subscribe=True)["subscribedEventCount"]
    assert desk.api.ticking
    desk.heard.clear()
    desk.say(one, "InjectParameterData", faceFound=True, parameterValues=[{"id": "MouthOpen", "value": 1}])
    desk.say(one, "MoveModel", timeInSeconds=0, valuesAreRelativeToModel=False, positionX=1)
    desk.api.step(1.05)
    told = [(each["messageType"], each["data"].get("faceFound")) for each in desk.heard]
    assert ("TrackingStatusChangedEvent", True) in told
    assert ("TrackingStatusChangedEvent", False) in told
    kinds = [kind for kind, _ in told]
    assert {"ModelMovedEvent", "TestEvent", "ModelOutlineEvent"} <= set(kinds)
    assert kinds.index("MoveModelResponse") < kinds.index("ModelMovedEvent")
    assert heard == []


def test_where_the_model_stands_is_told_right_after_subscribing(desk: Desk) -> None:
    member = desk.member()
    desk.heard.clear()
    desk.say(member, "EventSubscription", eventName="ModelMovedEvent", subscribe=True)
    assert sorted(each["messageType"] for each in desk.heard) == ["EventSubscriptionResponse", "ModelMovedEvent"]
