import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.avatar._vts.calls import Answer, ApiError, Calls


def opened(calls: Calls, kind: str = "APIState", now: float = 0.0) -> tuple[dict[str, Any], list[Answer]]:
    answers: list[Answer] = []
    return json.loads(calls.open(kind, {"a": "한"}, now, answers.append)), answers


def reply(request: dict[str, Any], kind: str, **data: Any) -> str:
    return json.dumps({"requestID": request["requestID"], "messageType": kind, "data": data, "timestamp": 1})


def test_a_request_is_in_the_envelope_of_the_api_and_has_an_id_of_its_own() -> None:
    calls = Calls()
    first, _ = opened(calls)
    second, _ = opened(calls)
    assert first == {
        "apiName": "VTubeStudioPublicAPI",
        "apiVersion": "1.0",
        "requestID": "aischoco-1",
        "messageType": "APIStateRequest",
        "data": {"a": "한"},
    }
    assert second["requestID"] != first["requestID"]


def test_answers_find_their_request_in_any_order() -> None:
    calls = Calls()
    first, to_first = opened(calls)
    second, to_second = opened(calls)
    assert calls.receive(reply(second, "APIStateResponse", n=2)) is None
    assert calls.receive(reply(first, "APIStateResponse", n=1)) is None
    assert (to_first, to_second) == ([{"n": 1}], [{"n": 2}])


def test_a_refusal_is_an_error_with_the_id_of_the_api() -> None:
    calls = Calls()
    request, answers = opened(calls)
    calls.receive(reply(request, "APIError", errorID=453, message="no such parameter"))
    (error,) = answers
    assert isinstance(error, ApiError)
    assert error.id == 453
    assert str(error) == "no such parameter (453)"


def test_a_refusal_without_an_id_is_one_all_the_same() -> None:
    calls = Calls()
    request, answers = opened(calls)
    calls.receive(json.dumps({"requestID": request["requestID"], "messageType": "APIError", "data": None}))
    assert [getattr(each, "id", None) for each in answers] == [0]


def test_an_event_or_another_answer_with_the_same_id_leaves_the_request_open() -> None:
    calls = Calls()
    request, answers = opened(calls)
    assert calls.receive(reply(request, "ModelLoadedEvent", modelLoaded=True)) == (
        "ModelLoadedEvent",
        {"modelLoaded": True},
    )
    assert calls.receive(reply(request, "StatisticsResponse")) is None
    assert answers == []
    calls.receive(reply(request, "APIStateResponse"))
    calls.receive(reply(request, "APIStateResponse"))
    assert answers == [{}]


def test_it_tells_how_long_the_oldest_request_waits() -> None:
    calls = Calls()
    assert calls.waiting_s(5.0) == 0.0
    first, _ = opened(calls, now=1.0)
    opened(calls, now=3.0)
    assert calls.waiting_s(5.0) == 4.0
    calls.receive(reply(first, "APIStateResponse"))
    assert calls.waiting_s(5.0) == 2.0


@pytest.mark.parametrize("noise", ["", "{", "[" * 100_000, "[]", "3", '"text"', "null", "{}", '{"messageType": 3}'])
def test_noise_is_passed_over(noise: str) -> None:
    calls = Calls()
    _, answers = opened(calls)
    assert calls.receive(noise) is None
    assert answers == []


@given(st.dictionaries(st.sampled_from(["requestID", "messageType", "data"]), st.none() | st.integers() | st.text()))
def test_after_any_message_a_request_still_finds_its_answer(message: dict[str, Any]) -> None:
    calls = Calls()
    request, answers = opened(calls)
    calls.receive(json.dumps(message))
    assert answers == []
    calls.receive(reply(request, "APIStateResponse", n=1))
    assert answers == [{"n": 1}]
