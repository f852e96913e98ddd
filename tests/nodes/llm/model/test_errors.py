"""Bodies of errors as public reports show them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.llm._model.chat_wire import Refused, error, event, failed, whole
from nodes.llm._model.errors import MOST, told

LONG = "This model's maximum context length is 2048 tokens. However, you requested 2300 tokens."
DETAIL = {"detail": [{"type": "extra_forbidden", "loc": ["body", "stop"], "msg": "Extra inputs are not permitted"}]}
# ruff: noqa: E501
BODIES = [
    (400, {"object": "error", "message": LONG, "type": "BadRequestError", "code": 400}, "too_large", "2048"),
    (500, {"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}}, "too_large", "Context"),
    (400, {"error": {"type": "exceed_context_size_error", "message": "m", "n_ctx": 4096}}, "too_large", "m"),
    (400, {"error": {"message": "prompt is too long: 9000 tokens > 8000 maximum"}}, "too_large", "9000"),
    (422, {"object": "error", "message": DETAIL, "type": "invalid_request_error"}, "refused", "Extra inputs"),
    (422, {"object": "error", "message": json.dumps(DETAIL)}, "refused", "Extra inputs"),
    (422, DETAIL, "refused", "Extra inputs"),
    (400, {"detail": "no such voice"}, "refused", "no such voice"),
    (400, [{"error": {"code": 400, "message": "Request contains an invalid argument.", "status": "INVALID_ARGUMENT"}}], "refused", "invalid argument"),
    (400, [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key."}}], "unauthorised", "valid"),
    (400, {"code": "invalid-argument", "error": "Model grok does not support parameter reasoningEffort."}, "refused", "grok"),
    (404, {"error": "model 'x' not found, try pulling it first"}, "refused", "pulling"),
    (400, {"error": {"message": json.dumps({"error": {"message": "the inner words"}})}}, "refused", "the inner words"),
    (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 3000 `inputs` tokens", "error_type": "validation"}, "too_large", "2048"),
    (400, {"message": "Input length 5000 exceeds maximum length 4096"}, "too_large", "4096"),
    (400, {"error": {"message": "litellm.ContextWindowExceededError: litellm.BadRequestError: x"}}, "too_large", "litellm"),
    (400, {"error": {"message": "exceeds the model's max sequence length"}}, "too_large", "max"),
    (400, {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": '{"error":{"message":"maximum context length is 8192 tokens"}}'}}}, "too_large", "8192"),
    (429, {"error": {"message": "Request too large for gpt-x on tokens per min (TPM): Limit 10000, Requested 20000."}}, "too_large", "20000"),
    (400, {"error": {"message": "prompt tokens exceed maximum length"}}, "too_large", "tokens"),
    (400, {"error": {"message": "Token limit exceeded"}}, "too_large", "Token"),
    (400, {"message": "Range of input length should be [1, 30720]"}, "too_large", "30720"),
    (400, {"error": {"message": "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"}}, "too_large", "200000"),
    (400, {"error": {"message": "The sequence length of the input exceeds 2048"}}, "too_large", "2048"),
    (503, {"detail": "Model not loaded yet"}, "loading", "yet"),
    (503, {"error": {"message": "The model `m` is being loaded. Please try again"}}, "loading", "being"),
    (503, {"error": "llama runner process is starting"}, "loading", "starting"),
    (503, {"detail": "Engine is not ready"}, "loading", "Engine"),
    (503, {"error": "Cold start in progress"}, "loading", "Cold"),
    (400, {"error": "Model reloaded."}, "server", "reloaded"),
    (400, {"error": "Model unloaded."}, "server", "unloaded"),
    (400, {"error": "Model is loading"}, "loading", "loading"),
    (425, {"error": {"message": "Model is loading"}}, "loading", "loading"),
    (500, {"error": "unable to load model: model.gguf"}, "server", "unable"),
    (500, {"error": "model failed to load, this may be due to resource limitations"}, "server", "failed"),
    (403, {"detail": "Invalid token"}, "unauthorised", "token"),
    (403, {"error": {"message": "Key limit exceeded (total limit)."}}, "unpaid", "limit"),
    (400, {"error": {"message": "Access denied", "code": "Arrearage"}}, "unpaid", "denied"),
    (403, {"code": "AllocationQuota.FreeTierOnly", "message": "The free tier of the model has been exhausted."}, "unpaid", "free"),
    (503, {"error": {"message": "The service is initializing"}}, "loading", "initializing"),
    (400, [{"error": {"code": 400, "message": "Missing or invalid Authorization header."}}], "unauthorised", "header"),
    (503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, "loading", "Loading"),
    (503, {"error": "Model mistralai/x is currently loading", "estimated_time": 20.0}, "loading", "loading"),
    (429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}, "unpaid", "quota"),
    (429, [{"error": {"code": 429, "message": "You exceeded your current quota, please check your plan and billing details.", "status": "RESOURCE_EXHAUSTED"}}], "busy", "quota"),
    (402, {"error": {"message": "Insufficient Balance", "type": "unknown_error", "code": "invalid_request_error"}}, "unpaid", "Balance"),
    (402, "", "unpaid", ""),
    (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the API."}}, "unpaid", "credit"),
    (400, {"error": {"message": "Your project has reached its spend limit.", "code": "blocked_api_access"}}, "unpaid", "spend"),
    (403, {"code": "The caller does not have permission", "error": "Your team has either used all available credits or reached its monthly spending limit."}, "unpaid", "credits"),
    (502, "<html><head><title>x</title></head><body><h1>502 Bad Gateway</h1></body></html>", "server", "502 Bad Gateway"),
    (400, "upstream says no", "refused", "upstream says no"),
    (404, {"error": {"message": "No models loaded. Please load a model in the developer page.", "code": "model_not_found"}}, "unloaded", "loaded"),
    (400, {"detail": "No models are currently loaded."}, "unloaded", "loaded"),
    (503, {"message": "모델을 불러오는 중입니다. 잠시 후 다시 시도해 주세요."}, "loading", "불러오는"),
    (503, "Service is loading", "loading", "Service"),
    (503, {"error": {"message": "Downloading model weights (35%)"}}, "loading", "35"),
    (500, {"error": {"message": "failed to download model x"}}, "server", "failed"),
    (404, {"error": {"message": "The model `x` does not exist or you do not have access to it.", "code": "model_not_found"}}, "refused", "exist"),
    (400, {"error": {"message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", "code": "content_filter"}}, "filtered", "policy"),
    (400, {"error": {"message": "Content Exists Risk"}}, "filtered", "Risk"),
    (400, {"error": {"message": "Input data may contain inappropriate content.", "code": "data_inspection_failed"}}, "filtered", "data"),
    (403, {"error": {"code": 403, "message": 'x requires moderation. Your input was flagged for "violence".'}}, "filtered", "flagged"),
    (403, {"code": "permission", "error": "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE"}, "filtered", "Content"),
    (400, {"error": {"message": "부적절한 내용이 포함되어 있어 처리할 수 없습니다"}}, "filtered", "부적절"),
    (400, {"error": {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"}}, "filtered", "敏感"),
    (403, {"error": {"message": "Country, region, or territory not supported"}}, "refused", "region"),
    (429, {"error": {"code": "1113", "message": "余额不足或无可用资源包,请充值。"}}, "unpaid", "余额"),
    (403, {"code": 30001, "message": "Sorry, your account balance is insufficient"}, "unpaid", "balance"),
    (400, {"error": {"message": "Budget has been exceeded! Current cost: 10, Max budget: 9"}}, "unpaid", "Budget"),
    (429, {"error": {"message": "Your prepayment credits are depleted."}}, "unpaid", "credits"),
    (403, {"message": "잔액이 부족합니다. 충전 후 이용해 주세요."}, "unpaid", "잔액"),
    (401, {"error": {"message": "Insufficient account balance"}}, "unpaid", "balance"),
    (400, {"error": {"message": "Thinking budget exceeded the maximum"}}, "refused", "budget"),
    (403, {"error": {"message": "Requests rate limit exceeded.", "code": "Throttling.RateQuota"}}, "busy", "rate"),
    (400, {"message": "ThrottlingException: Too many requests, please wait before trying again."}, "busy", "wait"),
    (403, {"error": {"message": "You didn't provide an API key."}}, "unauthorised", "provide"),
    (403, {"error": {"message": "API key expired. Please renew the API key."}}, "unauthorised", "expired"),
    (403, [{"error": {"message": "Method doesn't allow unregistered callers."}}], "unauthorised", "callers"),
    (403, {"message": "유효하지 않은 API Key입니다."}, "unauthorised", "API"),
    (403, {"error": {"message": "This model is not on this API key plan"}}, "refused", "plan"),
    (400, {"status": {"code": "40003", "message": "Text too long"}, "result": None}, "too_large", "Text"),
    (400, {"message": "This request has 5000 tokens, but the limit is 4096"}, "too_large", "4096"),
    (400, {"error": {"message": "입력 토큰 수가 모델의 최대 토큰 수를 초과했습니다"}}, "too_large", "토큰"),
    (400, {"error": {"message": "输入长度超过最大限制"}}, "too_large", "输入"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind", "words"), BODIES)
def test_every_shape_gives_kind_and_message(status: int, body: object, kind: str, words: str) -> None:
    refused = error(status, {}, body if isinstance(body, str) else json.dumps(body))
    assert (refused.kind, refused.status) == (kind, status)
    assert words in str(refused)


@pytest.mark.parametrize(("status", "body", "kind", "words"), [each for each in BODIES if not isinstance(each[1], str)])
def test_the_same_inside_a_stream_or_with_status_200_has_the_same_words(
    status: int, body: object, kind: str, words: str
) -> None:
    assert words in str(failed(json.dumps(body)))
    with pytest.raises(Refused) as refused:
        whole(json.dumps(body))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"error": {"message": "slow", "type": "rate_limit_error"}}, "busy"),
        ({"error": {"message": "no", "status": "RESOURCE_EXHAUSTED"}}, "busy"),
        ({"error": {"message": "no", "type": "overloaded_error"}}, "server"),
        ({"error": {"message": "no", "type": "authentication_error"}}, "unauthorised"),
        ({"object": "error", "message": "no", "code": 400}, "refused"),
        ({"detail": "no"}, "server"),
    ],
)
def test_an_event_that_is_an_error_has_the_kind_that_it_names(fields: object, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        event(json.dumps(fields))
    assert refused.value.kind == kind


def test_the_room_of_a_model_is_read_from_words_and_numbers() -> None:
    assert error(400, {}, json.dumps({"message": LONG})).over.limit == 2048
    assert error(400, {}, json.dumps({"error": {"type": "exceed_context_size_error", "n_ctx": 512}})).over.limit == 512
    text = "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it"
    assert error(400, {}, json.dumps({"error": {"message": text}})).over.limit == 4096


def test_which_part_of_a_request_it_is_about_is_read() -> None:
    assert told(json.dumps({"error": {"message": "m", "param": "max_tokens"}})).params == ["max_tokens"]
    assert told(json.dumps(DETAIL)).params == ["body", "stop"]
    google = {"error": {"message": "m", "details": [{"fieldViolations": [{"field": "stop", "description": "d"}]}]}}
    assert "stop" in told(json.dumps(google)).params


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["error", "message", "detail", "code", "loc", "msg"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_no_shape_breaks_it(body: object) -> None:
    found = told(json.dumps(body))
    assert len(found.message) <= MOST
    assert found.status is None or 400 <= found.status < 600
    assert len(str(error(400, {}, json.dumps(body)))) <= 300


def test_a_deep_one_is_no_error_of_ours() -> None:
    assert told("[" * 3000).message
    deep: object = "end"
    for _ in range(30):
        deep = {"error": deep}
    assert told(json.dumps(deep)).message == ""


@pytest.mark.parametrize(
    ("message", "room"),
    [
        ("The input token count (40000) exceeds the maximum number of tokens allowed (32768).", 32768),
        ("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens", 4096),
        ("more than the context length (n_keep: 5000>= n_ctx: 4096)", 4096),
        ("Prompt contains 9000 tokens, too large for model with 8192 maximum context length", 8192),
        ("Range of input length should be [1, 30720]", 30720),
        ("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000", 200000),
        ("Requested tokens (5021) exceed context window of 2048", 2048),
        ("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", 4096),
        ("Input is too long for requested model.", None),
        ("Prompt length 3000 is greater than max_seq_len 2048", 2048),
        ("Input validation error: `inputs` must have less than 1024 tokens. Given: 2000", 1024),
        ("input is too large to process. increase the physical batch size", None),
        ("프롬프트가 모델의 최대 컨텍스트 길이를 초과했습니다", None),
    ],
)
def test_the_room_of_a_model_is_read_not_what_was_asked_for(message: str, room: int | None) -> None:
    refused = error(400, {}, json.dumps({"error": {"message": message}}))
    assert (refused.kind, refused.over.limit) == ("too_large", room)


@pytest.mark.parametrize(
    "fields",
    [
        {"error": {"message": "m", "retry_after": 9}},
        {"error": {"message": "too many", "metadata": {"retry_after_seconds": "9"}}},
        {"message": "minutes matter", "retryAfter": 9.0},
    ],
)
def test_a_body_says_in_a_field_how_long_to_wait(fields: object) -> None:
    assert error(429, {}, json.dumps(fields)).retry_after_s == 9.0
    assert error(429, {}, '{"error":"m","retry_after":"2026-12-01"}').retry_after_s is None


def test_google_says_in_the_details_how_long_to_wait() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "21s"}
    refused = error(429, {}, json.dumps([{"error": {"code": 429, "message": "Quota exceeded", "details": [info]}}]))
    assert (refused.kind, refused.retry_after_s) == ("busy", 21.0)


@pytest.mark.parametrize(
    ("fields", "daily"),
    [
        ({"message": "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 requests"}, True),
        ({"message": "You reached your daily limit"}, True),
        ({"message": "하루 사용량을 넘었습니다"}, True),
        ({"message": "Quota exceeded", "details": [{"violations": [{"quotaId": "GenerateRequestsPerDayPerModel"}]}]}, True),
        ({"message": "Rate limit exceeded: free-models-per-min"}, False),
        ({"message": "Quota exceeded", "details": [{"violations": [{"quotaId": "GenerateRequestsPerMinute"}]}]}, False),
    ],
)  # fmt: skip
def test_a_limit_of_a_day_is_known_in_every_servers_words(fields: object, daily: bool) -> None:
    assert error(429, {}, json.dumps({"error": fields})).over.daily is daily


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"InvalidParameter","message":"m","param":"temperature"}\n\n', "refused"),
        ('data: {"error":{"message":"m","code":"invalid_value","param":"temperature"}}\n\ndata: [DONE]\n\n', "refused"),
        (json.dumps({"error": {"message": 'BadRequestError: OpenAIException - {"error":{"message":"m","param":"temperature"}}'}}), "refused"),
        ('Upstream said: {"error":{"message":"m","n_ctx":4096,"param":"temperature","type":"exceed_context_size_error"}} (m)', "too_large"),
    ],
)  # fmt: skip
def test_an_object_behind_other_words_or_in_an_event_is_read(body: str, kind: str) -> None:
    refused = error(400, {}, body)
    assert (refused.kind, refused.told.params) == (kind, ["temperature"])
    assert "{" not in str(refused)
    assert error(400, {}, "expected '{' at 1, got {x}").told.message == "expected '{' at 1, got {x}"
