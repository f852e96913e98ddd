"""Inputs of the stage: ranges, custom ones, who sets them and for how long."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.avatar._stage.inputs import MOST, MOST_OF_PLUGIN, Inputs
from nodes.avatar._stage.wire import Error, Refused
from schemas.pose import VTS_INPUTS

A, B = ("A plugin", "a"), ("B plugin", "b")
MADE: dict[str, Any] = {"parameterName": "Made1", "explanation": "", "min": -1, "max": 1, "defaultValue": 0.5}


def inject(inputs: Inputs, name: str, value: Any, *, by: Any = A, now: float = 0.0, **more: Any) -> None:
    weight = {"weight": more.pop("weight")} if "weight" in more else {}
    inputs.inject(by, {"parameterValues": [{"id": name, "value": value, **weight}], **more}, now)


def refused(error: Error, call: Any, *arguments: Any, **named: Any) -> None:
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)
    assert caught.value.error is error


def test_default_inputs_have_their_ranges_and_rest_at_zero() -> None:
    listed = Inputs().listed(0.0)
    assert listed["customParameters"] == []
    assert len(listed["defaultParameters"]) == len(VTS_INPUTS)
    assert listed["defaultParameters"][5] == {
        "name": "FaceAngleZ",
        "addedBy": "VTube Studio",
        "value": 0.0,
        "min": -90.0,
        "max": 90.0,
        "defaultValue": 0.0,
    }


@given(st.floats(-1e6, 1e6), st.floats(0, 1))
def test_a_value_counts_by_its_weight_for_a_second(value: float, weight: float) -> None:
    inputs = Inputs()
    inject(inputs, "MouthOpen", value, weight=weight, now=5.0)
    assert inputs.value("MouthOpen", 6.0) == pytest.approx(value * weight)
    assert inputs.driven(6.0) == {"MouthOpen": round(value * weight, 4)}
    assert inputs.value("MouthOpen", 6.01) == 0.0
    assert inputs.driven(6.01) == {}


def test_only_one_plugin_sets_and_any_may_add() -> None:
    inputs = Inputs()
    inject(inputs, "MouthOpen", 0.5, by=A)
    refused(Error.INJECT_CONTROLLED, inject, inputs, "MouthOpen", 1, by=B, now=0.9)
    inject(inputs, "MouthOpen", 0.25, by=B, now=0.9, mode="add")
    assert inputs.value("MouthOpen", 0.9) == 0.75
    assert inputs.driven(1.5) == {"MouthOpen": 0.25}
    assert inputs.value("MouthOpen", 1.91) == 0.0
    inject(inputs, "MouthOpen", 0.25, by=B, now=1.5, mode="add")
    inject(inputs, "MouthOpen", 1, by=B, now=1.5)
    assert inputs.value("MouthOpen", 1.5) == 1.25


def test_a_refused_injection_changes_nothing() -> None:
    inputs = Inputs()
    both = [{"id": "MouthOpen", "value": 1}, {"id": "ParamMouthOpenY", "value": 1}]
    refused(Error.INJECT_NAME, inputs.inject, A, {"parameterValues": both, "faceFound": True}, 0.0)
    assert inputs.driven(0.0) == {}
    assert not inputs.face_found(0.0)
    refused(Error.INJECT_MODE, inputs.inject, A, {"mode": "mix"}, 0.0)
    for empty in ({}, {"parameterValues": []}, {"parameterValues": "x"}):
        refused(Error.INJECT_NO_DATA, inputs.inject, A, empty, 0.0)
    for value in (None, True, "1", 1e6 + 1, float("nan")):
        refused(Error.INJECT_VALUE, inject, inputs, "MouthOpen", value)
    refused(Error.INJECT_VALUE, inputs.inject, A, {"parameterValues": [1]}, 0.0)
    for weight in (-0.1, 1.1, "1"):
        refused(Error.INJECT_WEIGHT, inject, inputs, "MouthOpen", 1, weight=weight)


def test_a_face_is_there_for_a_second_or_until_it_is_said_to_be_gone() -> None:
    inputs = Inputs()
    inject(inputs, "MouthOpen", 1, now=1.0, faceFound=True)
    assert inputs.face_found(2.0)
    assert not inputs.face_found(2.1)
    inject(inputs, "MouthOpen", 1, now=3.0, faceFound=True)
    inject(inputs, "MouthOpen", 1, now=3.1, faceFound=False)
    assert not inputs.face_found(3.1)


def test_a_custom_input_belongs_to_its_plugin() -> None:
    inputs = Inputs()
    assert inputs.create(A, MADE) == {"parameterName": "Made1"}
    assert inputs.described("Made1", 0.0)["value"] == 0.5
    inputs.create(A, {**MADE, "max": 9})
    assert inputs.listed(0.0)["customParameters"][0]["max"] == 9
    refused(Error.CUSTOM_OF_OTHER, inputs.create, B, MADE)
    refused(Error.DELETE_OF_OTHER, inputs.delete, B, MADE)
    assert inputs.delete(A, MADE) == {"parameterName": "Made1"}
    refused(Error.DELETE_NOT_FOUND, inputs.delete, A, MADE)
    refused(Error.VALUE_NOT_FOUND, inputs.described, "Made1", 0.0)
    assert inputs.value("Made1", 0.0) == 0.0


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"parameterName": "abc"}, Error.CUSTOM_NAME_INVALID),
        ({"parameterName": "with space"}, Error.CUSTOM_NAME_INVALID),
        ({"parameterName": "x" * 33}, Error.CUSTOM_NAME_INVALID),
        ({"parameterName": "MouthOpen"}, Error.CUSTOM_IS_DEFAULT),
        ({"min": 1}, Error.CUSTOM_VALUES_INVALID),
        ({"max": 2e6}, Error.CUSTOM_VALUES_INVALID),
        ({"defaultValue": None}, Error.CUSTOM_VALUES_INVALID),
        ({"explanation": "x" * 256}, Error.CUSTOM_EXPLANATION_LONG),
    ],
)
def test_a_wrong_custom_input_is_refused(wrong: dict[str, Any], error: Error) -> None:
    refused(error, Inputs().create, A, {**MADE, **wrong})


def test_a_deletion_needs_a_name_that_is_not_a_default_one() -> None:
    refused(Error.DELETE_NAME_INVALID, Inputs().delete, A, {})
    refused(Error.DELETE_DEFAULT, Inputs().delete, A, {"parameterName": "MouthOpen"})


def test_custom_inputs_are_limited_for_a_plugin_and_in_all() -> None:
    inputs = Inputs()
    for number in range(MOST):
        inputs.create((f"plugin {number // MOST_OF_PLUGIN}", "x"), {**MADE, "parameterName": f"Made{number}"})
    refused(Error.CUSTOM_LIMIT_PLUGIN, inputs.create, ("plugin 0", "x"), {**MADE, "parameterName": "OneMore"})
    refused(Error.CUSTOM_LIMIT_TOTAL, inputs.create, A, {**MADE, "parameterName": "OneMore"})
