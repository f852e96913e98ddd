import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.llm._model.chat_wire import Delta, Over, Refused, Usage, error, event, whole


def test_a_piece_of_text_its_end_and_the_count_of_tokens_are_read() -> None:
    assert event('{"choices":[{"delta":{"role":"assistant","content":null},"finish_reason":null}]}') == [Delta()]
    assert event('{"choices":[{"delta":{"content":"안"}}]}') == [Delta("안")]
    assert event('{"choices":[{"delta":{"reasoning":"음"}}]}') == [Delta(thought=True)]
    groq = {"usage": {"prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}}}
    assert event(json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}], "x_groq": groq})) == [
        Delta(finish="stop"),
        Delta(usage=Usage(90, 7, 64)),
    ]
    assert event('{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}') == [Delta(usage=Usage(3, 4))]


@pytest.mark.parametrize(
    "text", ["{", "[7]", '{"choices":7}', '{"choices":["a"]}', '{"choices":[{"delta":{"content":"a"}}],}']
)
def test_an_event_that_cannot_be_read_breaks_the_answer(text: str) -> None:
    with pytest.raises(Refused) as refused:
        event(text)
    assert refused.value.kind == "broken"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"error": {"message": "over capacity", "code": 503}}, "server"),
        ({"error": "boom"}, "server"),
        ({"error": {"message": "slow down", "status_code": 429}}, "busy"),
        ({"error": {"message": "slow down", "code": "429"}}, "busy"),
        ({"choices": [], "x_groq": {"error": {"message": "stopped early"}}}, "server"),
    ],
)
def test_an_error_in_the_middle_of_a_stream_is_an_error(fields: object, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        event(json.dumps(fields))
    assert refused.value.kind == kind


def test_an_answer_that_is_not_streamed_is_read() -> None:
    body = {"choices": [{"message": {"content": "네"}, "finish_reason": "length"}], "usage": {"prompt_tokens": 5}}
    assert whole(json.dumps(body)) == Delta("네", "length", Usage(5, 0))
    assert whole('{"choices":[{"message":{"content":null}}]}') == Delta("", "stop")
    for wrong in ("", "[]", "{}", '{"choices":[]}'):
        with pytest.raises(Refused) as refused:
            whole(wrong)
        assert refused.value.kind == "broken"
    with pytest.raises(Refused) as refused:
        whole('{"error":{"message":"x","code":500}}')
    assert refused.value.kind == "server"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "", "refused"),
        (400, "json_validate_failed", "bad_output"),
        (400, "context_length_exceeded", "too_large"),
        (401, "invalid_api_key", "unauthorised"),
        (403, "", "refused"),
        (404, "model_not_found", "refused"),
        (402, "", "unpaid"),
        (408, "", "server"),
        (413, "rate_limit_exceeded", "too_large"),
        (422, "", "refused"),
        (429, "rate_limit_exceeded", "busy"),
        (498, "capacity_exceeded", "server"),
        (500, "", "server"),
        (503, "", "server"),
    ],
)
def test_every_status_has_its_kind(status: int, code: str, kind: str) -> None:
    body = json.dumps({"error": {"message": "m", "code": code}})
    assert error(status, {}, body).kind == kind


@pytest.mark.parametrize(
    "told",
    [
        {"type": "exceed_context_size_error", "message": "the request exceeds the available context size"},
        {"message": "This model's maximum context length is 4096 tokens. Please reduce the length of the messages."},
    ],
)
def test_a_prompt_that_is_too_long_has_the_remedy_of_one_whatever_the_server_calls_it(told: dict[str, str]) -> None:
    assert error(400, {}, json.dumps({"error": told})).kind == "too_large"


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"error":null}', '{"error":"text"}', "[" * 5000])
def test_an_error_without_a_readable_body_keeps_the_kind_of_its_status(body: str) -> None:
    assert error(503, {}, body).kind == "server"


LONG = (
    "Rate limit reached for model `openai/gpt-oss-120b` in organization `org_01h2secret` service tier `on_demand` on "
    "tokens per minute (TPM): Limit 8000, Used 7420, Requested 1200. Please try again in 4.65s. Visit https://x"
)


def test_a_429_tells_which_limit_and_how_long() -> None:
    refused = error(429, {}, json.dumps({"error": {"message": LONG, "code": "rate_limit_exceeded"}}))
    assert refused.over == Over("TPM", 8000, 7420)
    assert refused.retry_after_s == 4.65
    assert not refused.over.daily
    assert error(429, {"retry-after": "12"}, "{}").retry_after_s == 12.0
    assert error(429, {}, "{}").retry_after_s is None
    daily = error(429, {}, json.dumps({"error": {"message": "requests per day (RPD): Limit 1000, Used 1000"}}))
    assert (daily.over.name, daily.over.daily) == ("RPD", True)


def test_a_413_tells_the_limit() -> None:
    text = "Request too large for model on tokens per minute (TPM): Limit 8000, Requested 8191, please reduce"
    assert error(413, {}, json.dumps({"error": {"message": text}})).over == Over("TPM", 8000)


def test_no_organisation_request_or_key_stands_in_the_text() -> None:
    text = str(error(429, {}, json.dumps({"error": {"message": LONG + " gsk_abcdef0123 req_01h sk-proj-1"}})))
    for secret in ("org_01h2secret", "gsk_abcdef0123", "req_01h", "sk-proj-1"):
        assert secret not in text


def test_what_the_model_wrote_in_vain_is_kept() -> None:
    body = {"error": {"message": "m", "code": "json_validate_failed", "failed_generation": '{"emotion":"happy"'}}
    assert error(400, {}, json.dumps(body)).generation == '{"emotion":"happy"'


@given(st.text(max_size=40).filter(lambda text: "{" not in text))
def test_what_is_no_object_is_refused_as_broken(text: str) -> None:
    with pytest.raises(Refused) as refused:
        whole(text)
    assert refused.value.kind == "broken"


def test_words_in_a_stream_are_a_sign_of_life_unless_they_tell_of_a_failure() -> None:
    for text in ("ping", ": keepalive", "null", "7", "[]"):
        assert event(text) == []
    with pytest.raises(Refused, match="rate limit exceeded"):
        event("rate limit exceeded")


@pytest.mark.parametrize(
    ("said", "read"),
    [("STOP", "stop"), ("MAX_TOKENS", "length"), ("model_length", "length"), ("SAFETY", "content_filter"), (1, "stop")],
)
def test_the_reason_of_an_end_has_one_word_whatever_a_server_calls_it(said: object, read: str) -> None:
    assert event(json.dumps({"choices": [{"delta": {}, "finish_reason": said}]})) == [Delta(finish=read)]


@pytest.mark.parametrize("count", ["Infinity", "1e999", "NaN", '"n/a"', "[]", "-5"])
def test_a_count_of_tokens_that_is_no_number_costs_no_answer(count: str) -> None:
    fields = f'{{"choices":[{{"message":{{"content":"안녕"}}}}],"usage":{{"prompt_tokens":{count}}}}}'
    assert whole(fields) == Delta("안녕", "stop", Usage(0, 0))
    assert event(fields)[0].text == "안녕"


def test_a_limit_longer_than_any_number_is_only_a_name() -> None:
    text = json.dumps({"error": {"message": f"tokens per minute (TPM): Limit {'9' * 5000}, Used 1"}})
    assert error(429, {}, text).over == Over("TPM")


@pytest.mark.parametrize(
    ("written", "text", "thought"),
    [
        ('{"choices":{"delta":{"content":"안녕"}}}', "안녕", False),
        ('{"choices":[{"delta":"안녕"}]}', "안녕", False),
        ('{"delta":{"content":"안녕"}}', "안녕", False),
        ('{"text":"안녕"}', "안녕", False),
        ('{"generated_text":"안녕"}', "안녕", False),
        ('{"token":{"text":"안녕","special":false},"generated_text":"안녕"}', "안녕", False),
        ('{"token":{"text":"</s>","special":true},"generated_text":"안녕"}', "", False),
        ('{"data":{"choices":[{"delta":{"content":"안녕"}}]}}', "안녕", False),
        ('{"result":{"response":"안녕"}}', "안녕", False),
        ('{"type":"response.reasoning_summary_text.delta","delta":"음"}', "", True),
    ],
)
def test_a_gateway_passes_on_what_another_api_writes(written: str, text: str, thought: bool) -> None:
    found = event(written)
    assert ("".join(each.text for each in found), any(each.thought for each in found)) == (text, thought)
