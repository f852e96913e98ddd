import pytest
from pydantic import ValidationError

from nodes.llm._memory.memory import PRESETS, Message, Prompt
from nodes.llm._model.asked import Clocks
from nodes.llm._model.attempts import Rung
from nodes.llm._settings import GROQ, Reply

PROMPT = Prompt((Message("system", "너는"), Message("user", "안녕")), 30)


def test_groq_is_asked_as_its_documents_say() -> None:
    body = Reply().body("openai/gpt-oss-120b", PROMPT, schema=False)
    assert body == {
        "model": "openai/gpt-oss-120b",
        "messages": [{"role": "system", "content": "너는"}, {"role": "user", "content": "안녕"}],
        "max_completion_tokens": 300,
        "reasoning_effort": "low",
        "include_reasoning": False,
        "stream": True,
        "temperature": 0.8,
    }


def test_another_server_and_model_get_only_what_they_know_and_what_extra_adds() -> None:
    config = Reply(base_url="http://localhost:11434/v1", model="qwen3:8b", extra={"top_p": 0.9, "temperature": None})
    body = config.body("qwen3:8b", PROMPT, schema=False)
    assert sorted(body) == ["max_tokens", "messages", "model", "stream", "top_p"]


def test_a_schema_holds_the_emotions_and_is_never_streamed() -> None:
    config = Reply(mode="strict", emotions=("sleepy", "happy"))
    body = config.body("openai/gpt-oss-120b", PROMPT, schema=True)
    assert body["stream"] is False
    schema = body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"]["properties"]["emotion"]["enum"] == [*config.all_emotions]
    assert config.all_emotions[-1] == "sleepy"
    assert len(set(config.all_emotions)) == 7
    assert schema["schema"]["required"] == ["emotion", "response"]
    assert schema["schema"]["additionalProperties"] is False


def test_a_summary_is_asked_for_at_once_and_without_a_schema() -> None:
    body = Reply(mode="strict").summary_body("m", PROMPT, 500)
    assert body["stream"] is False
    assert body["max_completion_tokens"] == 500
    assert "response_format" not in body


def test_the_sizes_of_the_memory_come_from_the_budget_and_can_be_set_one_by_one() -> None:
    assert Reply().limits == PRESETS["groq_free"]
    assert Reply(budget="paid").limits == PRESETS["paid"]
    assert Reply(budget="paid", keep_tokens=3000).limits.keep == 3000
    with pytest.raises(ValidationError, match="점점 크게"):
        Reply(keep_tokens=6000)
    settings = Reply(viewers=5, emotions=("shy",)).memory
    assert (settings.viewers, settings.emotions[-1]) == (5, "shy")


def test_the_ladder_has_the_models_that_are_named() -> None:
    assert Reply(model="a").rungs == [Rung("model", "a")]
    assert Reply(model="a", second_model=" b ").rungs == [Rung("model", "a"), Rung("second_model", "b")]
    assert Reply(first_s=1.0, idle_s=2.0, total_s=3.0).clocks == Clocks(1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (" http://localhost:1234/v1/ ", "http://localhost:1234/v1"),
        ("http://localhost:1234/v1/chat/completions/", "http://localhost:1234/v1"),
        ("http://localhost:1234//v1//", "http://localhost:1234/v1"),
        ("“http://localhost:1234/v1”", "http://localhost:1234/v1"),
        ("<http://localhost:1234/v1\u200b>", "http://localhost:1234/v1"),
        ("ｈｔｔｐ：//localhost:1234/v1", "http://localhost:1234/v1"),
        ("http://localhost:1234/v1/chat", "http://localhost:1234/v1"),
        ("http://localhost:1234/V1/Chat/Completions", "http://localhost:1234/V1"),
        ("http://localhost:1234/v1/responses", "http://localhost:1234/v1"),
        ("http://localhost:11434/api/chat", "http://localhost:11434/v1"),
        ("http://localhost:11434/api/generate", "http://localhost:11434/v1"),
        ("http://localhost:3000/api", "http://localhost:3000/api"),
        ("http://localhost:3000/api/chat/completions", "http://localhost:3000/api"),
        ("http://[::1]:8080/v1/models", "http://[::1]:8080/v1"),
        ("http://user:pass@gpu.local/v1/completions", "http://user:pass@gpu.local/v1"),
        ("https://models.example/openai/v1/?api-version=preview", "https://models.example/openai/v1?api-version=preview"),
        ("https://m.example/d/gpt/chat/completions?api-version=2024-10-21", "https://m.example/d/gpt?api-version=2024-10-21"),
        ("https://models.example/v1#chat", "https://models.example/v1"),
    ],
)  # fmt: skip
def test_an_address_is_understood_as_the_documents_of_servers_write_it(given: str, url: str) -> None:
    assert Reply(base_url=given).url == url


@pytest.mark.parametrize(
    "url", ["api.groq.com", "ftp://x/v1", "https://", "", "http://[::1/v1", "http://x:port/v1", "http://x:1 /v1"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="base_url"):
        Reply(base_url=url)


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        (GROQ, True),
        ("http://api.example.com/v1", False),
        ("http://8.8.8.8/v1", False),
        ("http://localhost:1/v1", True),
        ("http://127.0.0.1:1/v1", True),
        ("http://192.168.0.7:8000/v1", True),
        ("http://gpu-box:8000/v1", True),
        ("http://gpu.local:8000/v1", True),
        ("http://100.101.2.3:8000/v1", True),
        ("http://gpu.tail12ab.ts.net:8000/v1", True),
    ],
)
def test_a_key_does_not_travel_in_the_clear_over_the_internet(url: str, fine: bool) -> None:
    if fine:
        assert Reply(base_url=url, api_key="k").key == "k"
    else:
        with pytest.raises(ValidationError, match="https"):
            Reply(base_url=url, api_key="k")
        assert Reply(base_url=url).key == ""


def test_only_groq_needs_a_key() -> None:
    assert Reply().needs_key
    assert not Reply(base_url="http://localhost:11434/v1").needs_key
    assert not Reply(base_url="https://notgroq.example/v1").needs_key


def test_the_key_does_not_show() -> None:
    config = Reply(api_key=" MARKED-key-0123 ")
    assert "MARKED" not in repr(config) + config.model_dump_json()
    assert config.key == "MARKED-key-0123"


@pytest.mark.parametrize("name", ["Happy", "행복", "a", "x" * 30, "two words"])
def test_an_emotion_is_a_plain_word(name: str) -> None:
    with pytest.raises(ValidationError):
        Reply(emotions=(name,))
