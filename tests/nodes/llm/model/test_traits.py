"""Refusals of parameters as public reports show them."""

import json
from typing import Any

import pytest

from nodes.llm._model.chat_wire import Refused, error
from nodes.llm._model.traits import SYSTEM, TRUSTED, Traits

OPTIONAL = ("stop", "think")
BODY: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "system", "content": "너는"}, {"role": "user", "content": "안녕"}],
    "max_tokens": 300,
    "temperature": 0.8,
    "reasoning_effort": "low",
    "include_reasoning": False,
    "stop": ["x"],
    "stream": True,
}


def refused(status: int, body: object) -> Refused:
    return error(status, {}, json.dumps(body))


def openai(message: str, param: str | None = None) -> object:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": "unsupported"}}


def mistral(name: str) -> object:
    return {
        "object": "error",
        "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra"}]},
    }


# ruff: noqa: E501
NAMED = [
    (400, openai("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'"), "max_tokens"),
    (400, openai("Unsupported value: 'temperature' does not support 0.8 with this model.", "temperature"), "temperature"),
    (400, openai("Unrecognized request argument supplied: include_reasoning"), "include_reasoning"),
    (400, openai("property 'reasoning_effort' is unsupported"), "reasoning_effort"),
    (422, mistral("stop"), "stop"),
    (400, {"code": "invalid-argument", "error": "Model grok does not support parameter reasoningEffort."}, "reasoning_effort"),
    (400, [{"error": {"code": 400, "message": 'Invalid JSON payload received. Unknown name "stop": Cannot find field.'}}], "stop"),
    (400, {"error": {"message": "groq does not support parameters: ['reasoning_effort'], for model=x"}}, "reasoning_effort"),
    (400, openai("the model does not support the stopSequences parameter. Remove it and try again."), "stop"),
    (400, openai("`temperature` may only be set to 1 when thinking is enabled."), "temperature"),
    (400, openai("parameter include_reasoning is restricted"), "include_reasoning"),
    (400, openai("Thinking budget is not supported for this model"), "reasoning_effort"),
    (500, {"error": "unexpected keyword argument 'include_reasoning'"}, "include_reasoning"),
    (400, openai("지원하지 않는 파라미터입니다: temperature"), "temperature"),
    (400, openai("'temperature' 매개변수는 지원되지 않습니다."), "temperature"),
    (400, {"message": "허용되지 않는 속성 reasoning_effort"}, "reasoning_effort"),
    (400, {"status": {"code": "40001", "message": "Invalid parameter: temperature"}, "result": None}, "temperature"),
    (400, openai("不支持的参数: temperature"), "temperature"),
    (400, openai("body must NOT have additional properties, include_reasoning"), "include_reasoning"),
    (400, {"success": False, "error": {"issues": [{"code": "unrecognized_keys", "keys": ["temperature"], "message": "Unrecognized key"}]}}, "temperature"),
    (400, {"error": {"message": "request validation failed", "details": [{"path": "/temperature", "message": "is wrong"}]}}, "temperature"),
    (400, openai("Value error, stop: too many stop sequences (max 2)"), "stop"),
    (400, openai("This reasoning_effort is unavailable now"), "reasoning_effort"),
    (400, openai("temperature: range: 0..0.5"), "temperature"),
    (400, openai("Value error, temperature out of range"), "temperature"),
    (400, openai("max_tokens 300 > 256, which is the maximum allowed number of output tokens for m"), "max_tokens"),
    (400, openai("<400> InternalError.Algo: Range of max_tokens should be [1, 256]"), "max_tokens"),
    (400, {"error": {"message": "Param Incorrect", "param": "max_tokens is too large: 300. This model supports at most 256."}}, "max_tokens"),
    (400, openai("Length of stop ([2, 16, 2]) exceeds the limit max_model_len(5). Please reduce the number of stop"), "stop"),
    (400, openai("Stop sequences: at most 2 are allowed"), "stop"),
    (400, openai("stop:最大只能有2个停止词"), "stop"),
    (400, openai("Reasoning is not enabled for this model"), "reasoning_effort"),
    (400, openai('messages: Unexpected role "system". The API accepts a top-level `system` parameter'), SYSTEM),
    (400, openai("messages[0].role 'system' is not supported"), SYSTEM),
    (400, openai("Invalid role: system"), SYSTEM),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "name"), NAMED)
def test_what_an_error_names_is_left_out_from_then_on(status: int, body: object, name: str) -> None:
    traits = Traits()
    assert traits.learn(refused(status, body), BODY, OPTIONAL) == name
    fitted = traits.fitted(BODY, {}, OPTIONAL)
    assert name not in fitted
    assert fitted.get("max_completion_tokens") == (300 if name == "max_tokens" else None)
    assert name == "max_tokens" or traits.learn(refused(status, body), fitted, ()) == ""


def test_of_two_names_for_the_same_each_is_tried_once() -> None:
    traits = Traits()
    assert traits.learn(refused(422, mistral("max_tokens")), BODY) == "max_tokens"
    body = traits.fitted(BODY, {})
    assert traits.learn(refused(422, mistral("max_completion_tokens")), body) == "max_completion_tokens"
    assert not {"max_tokens", "max_completion_tokens"} & {*traits.fitted(BODY, {})}


def test_a_server_without_the_role_of_the_system_gets_its_words_from_the_user() -> None:
    traits = Traits()
    assert traits.learn(refused(400, {"error": {"message": "System role not supported"}}), BODY) == SYSTEM
    assert traits.fitted(BODY, {})["messages"] == [{"role": "user", "content": "너는\n\n안녕"}]
    alone = {**BODY, "messages": BODY["messages"][:1]}
    assert traits.fitted(alone, {})["messages"] == alone["messages"]


@pytest.mark.parametrize(
    "message",
    [
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Only user, assistant and tool roles are supported, got system.",
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
    ],
)
def test_a_template_that_wants_the_roles_in_turn_gets_them_in_turn(message: str) -> None:
    traits = Traits()
    assert traits.learn(refused(400, {"error": {"message": message}}), BODY) == SYSTEM
    roles = ("system", "user", "user", "assistant", "assistant", "user")
    told = [{"role": role, "content": str(number)} for number, role in enumerate(roles)]
    assert traits.fitted({**BODY, "messages": told}, {})["messages"] == [
        {"role": "user", "content": "0\n\n1\n\n2"},
        {"role": "assistant", "content": "3\n\n4"},
        {"role": "user", "content": "5"},
    ]


def test_where_nothing_is_named_what_is_not_needed_is_left_out_once() -> None:
    traits, vague = Traits(), refused(400, {"error": {"message": "Request contains an invalid argument."}})
    assert traits.learn(vague, BODY, OPTIONAL) == "stop"
    assert "stop" not in traits.fitted(BODY, {}, OPTIONAL)
    assert traits.learn(vague, BODY, OPTIONAL) == ""


def test_what_was_left_out_in_vain_is_sent_again_and_what_helped_stays_out() -> None:
    wrong = [refused(400, {"error": {"message": f"m is not a valid model ID (request {number})"}}) for number in "12"]
    traits = Traits()
    assert [traits.learn(each, BODY, OPTIONAL) for each in wrong] == ["stop", ""]
    assert traits.fitted(BODY, {}, OPTIONAL) == BODY
    assert traits.learn(wrong[0], BODY, OPTIONAL) == ""
    helped = Traits()
    helped.learn(wrong[0], BODY, OPTIONAL)
    helped.vague = ""  # it has answered
    helped.learn(wrong[1], BODY, OPTIONAL)
    assert "stop" not in helped.fitted(BODY, {}, OPTIONAL)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "model not found"),
        (413, "max_tokens is not supported"),
        (401, "no"),
        (400, ""),
        (429, "stop: unsupported"),
    ],
)
def test_what_is_not_about_the_request_teaches_nothing(status: int, message: str) -> None:
    assert Traits().learn(refused(status, {"error": {"message": message}}), BODY, OPTIONAL) == ""


def test_a_model_that_thinks_is_asked_to_think_less_and_without_stops() -> None:
    traits = Traits(thinks=True)
    assert traits.fitted({"model": "m", "stop": []}, {"think": False}) == {"model": "m", "think": False}
    assert Traits().fitted({"model": "m", "stop": []}, {"think": False}) == {"model": "m", "stop": []}


def test_plain_text_is_trusted_after_some_answers_and_never_of_one_that_thinks() -> None:
    assert [Traits(plain=number).trusted for number in (0, TRUSTED - 1, TRUSTED)] == [False, False, True]
    assert not Traits(plain=TRUSTED, thinks=True).trusted


@pytest.mark.parametrize(
    ("message", "sent", "then"),
    [
        ("Reasoning is mandatory for this endpoint and cannot be disabled.", "none", "low"),
        ("Budget 0 is invalid. This model only works in thinking mode.", "none", "low"),
        ("loc: ('body', 'reasoning_effort'), 'msg': \"Input should be 'low', 'medium' or 'high'\"", "none", "low"),
        ("`reasoning_effort` must be one of `none` or `default`", "low", "none"),
        ("Unsupported parameter: 'reasoning_effort'", "none", None),
    ],
)
def test_of_an_effort_that_a_server_does_not_take_the_least_that_it_takes_is_sent(
    message: str, sent: str, then: str | None
) -> None:
    traits, body = Traits(), {**BODY, "reasoning_effort": sent}
    assert traits.learn(refused(400, openai(message)), body) == "reasoning_effort"
    assert traits.fitted(body, {}).get("reasoning_effort") == then
    if then:
        assert traits.learn(refused(400, openai(message)), traits.fitted(body, {})) == "reasoning_effort"
        assert "reasoning_effort" not in traits.fitted(body, {})


@pytest.mark.parametrize(
    ("streamed", "body"),
    [
        (True, openai("Your organization must be verified to stream this model.", "stream")),
        (True, openai("Unsupported value: 'stream' does not support true with this model.", "stream")),
        (False, openai("This model only support stream mode, please enable the stream parameter.")),
    ],
)
def test_what_a_server_cannot_stream_or_can_only_stream_is_asked_for_the_other_way(
    streamed: bool, body: object
) -> None:
    traits = Traits()
    assert traits.learn(refused(400, body), {**BODY, "stream": streamed}) == "stream"
    assert traits.fitted({**BODY, "stream": streamed}, {})["stream"] is not streamed
    assert traits.learn(refused(400, body), {**BODY, "stream": not streamed}) != "stream"


def test_several_parameters_that_are_refused_at_once_are_left_out_at_once() -> None:
    traits = Traits()
    both = {"detail": [{"loc": ["body", name], "msg": "Extra inputs"} for name in ("stop", "include_reasoning")]}
    assert traits.learn(refused(422, both), BODY) == "include_reasoning, stop"
    assert not {"stop", "include_reasoning"} & {*traits.fitted(BODY, {})}


@pytest.mark.parametrize(
    "message",
    [
        "The model `m` has been deprecated. Please stop using it; see the documents",
        "Invalid value for messages: stop talking",
        "Unexpected error: the server will not stop here",
        "I think the model name is invalid",
        "Failed to parse the template: expected string",
    ],
)
def test_a_name_that_is_a_word_of_the_sentence_is_no_parameter(message: str) -> None:
    assert Traits().learn(refused(400, openai(message)), {**BODY, "think": False}) == ""
