"""The envelope of a request, and errors as messages."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.avatar._stage.wire import Broken, Error, Refused, message, number, part, read, refusal, word, words

GOOD: dict[str, Any] = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": "APIStateRequest"}


def test_a_request_is_read_with_its_id_or_with_one_of_ours() -> None:
    request = read(json.dumps({**GOOD, "requestID": "mine", "data": {"a": 1}}), "ours")
    assert (request.id, request.kind, request.data) == ("mine", "APIState", {"a": 1})
    request = read(json.dumps({**GOOD, "data": None}).encode(), "ours")
    assert (request.id, request.data) == ("ours", {})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", Error.JSON_INVALID),
        ("[]", Error.JSON_INVALID),
        ("[" * 100_000, Error.JSON_INVALID),
        (b"\xff\xfe\xfd", Error.JSON_INVALID),
        (json.dumps({**GOOD, "requestID": "x" * 65}), Error.REQUEST_ID_INVALID),
        (json.dumps({**GOOD, "requestID": ""}), Error.REQUEST_ID_INVALID),
        (json.dumps({**GOOD, "requestID": 1}), Error.REQUEST_ID_INVALID),
        (json.dumps({**GOOD, "apiName": "Other"}), Error.API_NAME_INVALID),
        (json.dumps({**GOOD, "apiVersion": "2.0"}), Error.API_VERSION_INVALID),
        (json.dumps({**GOOD, "messageType": ""}), Error.TYPE_MISSING),
        (json.dumps({**GOOD, "messageType": "APIState"}), Error.TYPE_UNKNOWN),
    ],
)
def test_a_broken_envelope_has_its_official_error(text: str, error: Error) -> None:
    with pytest.raises(Broken) as caught:
        read(text, "ours")
    assert caught.value.error is error


@given(st.binary() | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(json.dumps))
def test_nothing_but_a_broken_envelope_is_ever_raised(text: bytes | str) -> None:
    with pytest.raises(Broken):
        read(text, "ours")


def test_messages_carry_the_envelope() -> None:
    told = message("id", "APIStateResponse", {"active": True})
    assert {"apiName", "apiVersion", "timestamp", "requestID", "messageType", "data"} == told.keys()
    wrong = refusal("id", Refused(Error.INJECT_NAME, "no such input"))
    assert wrong["messageType"] == "APIError"
    assert wrong["data"] == {"errorID": 453, "message": "no such input"}


def test_fields_of_another_type_are_passed_over() -> None:
    data = {"a": 1, "b": "x", "c": ["x", 1], "d": {"e": 1}}
    assert (word(data, "a"), word(data, "b"), words(data, "c"), words(data, "b")) == ("", "x", ["x"], [])
    assert (part(data, "d"), part(data, "a")) == ({"e": 1}, {})
    assert (number(3, 0, 3), number(4, 0, 3), number(True, 0, 3), number("1", 0, 3)) == (3.0, None, None, None)


def test_a_number_too_large_for_a_float_is_out_of_range() -> None:
    assert number(10**400, -1e6, 1e6) is None
    assert [number(float(text), -1e6, 1e6) for text in ("nan", "inf", "-inf")] == [None, None, None]


def test_half_a_character_becomes_a_question_mark_for_no_answer_could_hold_it() -> None:
    data = {"a": "x\ud800가", "b": ["\udfff", 1]}
    assert (word(data, "a"), words(data, "b")) == ("x?가", ["?"])
    with pytest.raises(Broken) as caught:
        read(json.dumps({**GOOD, "messageType": "\ud800"}), "ours")
    assert str(caught.value) == "there is no request ?"
