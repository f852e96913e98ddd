"""The settings of ``llm.reply``, and the request that they make of a prompt."""

import ipaddress
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, model_validator

from nodes import keys
from nodes.llm._memory.memory import PRESETS, Limits, MemorySettings, Prompt
from nodes.llm._model.answer import LONGEST
from nodes.llm._model.asked import Clocks
from nodes.llm._model.attempts import Rung
from nodes.llm._model.chat_api import is_loopback
from nodes.particles import CHARACTER
from schemas.reply import EMOTIONS
from schemas.settings import Settings, WatchedFile

GROQ = "https://api.groq.com/openai/v1"
STOP = ('\n{"n":', "\nUser:", "\n시청자:", "\n사용자:")
"""Where a model begins to invent what a viewer says next, in the form of the prompt or of a script; OpenAI and Groq
take four of them."""
OPTIONAL = ("stop", "think", "chat_template_kwargs", "reasoning_effort", "include_reasoning")
"""Parameters that a request can do without."""
_TINY = 8
"""Tokens of an answer that is requested only to get the model loaded; a model that thinks shows it in them."""
_PATHS = ("/chat/completions", "/completions", "/models")

Emotion = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,19}$")]


class Reply(Settings):
    persona: WatchedFile = Field(
        Path("config/character.txt"), description="캐릭터를 적은 파일. 방송 중에 고치면 다음 대답부터 바뀝니다."
    )
    base_url: str = Field(
        GROQ,
        description="언어 모델 서버의 주소(OpenAI 방식). Ollama, llama.cpp, vLLM도 됩니다: http://localhost:11434/v1",
    )
    api_key: SecretStr = Field(SecretStr(""), description="서버의 API 키: ${GROQ_API_KEY:-}. .env 파일에 적습니다.")
    model: str = Field("openai/gpt-oss-120b", min_length=1, description="대답할 모델의 이름.")
    second_model: str = Field(
        "", description="앞 모델이 대답하지 못할 때 물어볼 모델(예: openai/gpt-oss-20b). 비우면 없습니다."
    )
    mode: Literal["stream", "strict"] = Field(
        "stream",
        description="stream은 오는 대로 말하고, strict는 형식을 서버가 보장하는 대신 다 쓴 뒤에 말합니다.",
    )
    emotions: tuple[Emotion, ...] = Field((), description="기본 여섯 감정에 더할 감정의 이름(영어 소문자).")
    max_tokens: int = Field(300, ge=32, le=4096, description="대답 하나의 최대 길이(토큰).")
    max_chars: int = Field(
        LONGEST, ge=20, le=2000, description="소리 내어 말하는 대답의 최대 길이(글자). 넘으면 문장 끝에서 맺습니다."
    )
    names: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        (CHARACTER,), description="캐릭터를 부르는 이름. 모델이 대답 앞에 이 이름을 적으면(초코: 안녕!) 읽지 않습니다."
    )
    temperature: float = Field(
        0.8, ge=0.0, le=2.0, description="대답이 얼마나 자유로운지. 0에 가까울수록 늘 비슷합니다."
    )
    first_s: float = Field(2.5, gt=0.0, le=60.0, description="대답의 첫 글자를 기다리는 시간(초).")
    idle_s: float = Field(1.0, gt=0.0, le=60.0, description="대답이 끊겼을 때 기다리는 시간(초).")
    total_s: float = Field(
        5.0, gt=0.0, le=120.0, description="대답 하나에 쓰는 가장 긴 시간(초). 다시 묻는 것까지 더합니다."
    )
    think_s: float = Field(
        10.0, gt=0.0, le=120.0, description="생각부터 하는 모델이 첫 글자를 쓸 때까지 기다리는 시간(초)."
    )
    load_s: float = Field(
        300.0,
        ge=0.0,
        le=3600.0,
        description="이 컴퓨터나 집 안의 서버가 모델을 불러오는 시간(초). 그동안 써 둔 대답을 합니다. 0: 안 기다림.",
    )
    budget: Literal["groq_free", "paid"] = Field(
        "groq_free",
        description="기억하는 양: groq_free는 Groq 무료 한도(1분 8,000토큰)에 맞고, paid는 더 길게 기억합니다.",
    )
    keep_tokens: int | None = Field(None, ge=100, description="그대로 기억하는 양(토큰). 비우면 budget을 따릅니다.")
    summarise_tokens: int | None = Field(
        None, ge=200, description="요약을 시작하는 양(토큰). 비우면 budget을 따릅니다."
    )
    hard_tokens: int | None = Field(None, ge=1000, description="넘지 않는 양(토큰). 비우면 budget을 따릅니다.")
    viewers: int = Field(0, ge=0, le=10_000, description="지난 대화를 따로 기억할 시청자 수. 0이면 기억하지 않습니다.")
    history: Path | None = Field(Path("history"), description="기억을 저장할 폴더. null이면 저장하지 않습니다.")
    cache_s: float = Field(
        600.0, ge=0.0, le=86_400.0, description="모델이 대답하지 못할 때 같은 채팅에 다시 쓸 대답을 간직하는 시간(초)."
    )
    extra: dict[str, Any] = Field(
        default_factory=dict, description="요청에 더 넣을 값. 예: {top_p: 0.9}. null을 넣으면 그 값을 보내지 않습니다."
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"base_url {self.base_url!r} is no address; write it like {GROQ}")
        if parts.scheme == "http" and self.api_key.get_secret_value() and not _private(self.base_url):
            raise ValueError("base_url must begin with https://, or the API key could be read on its way")
        _ = self.limits
        return self

    @property
    def limits(self) -> Limits:
        """How much is remembered.

        Raises:
            ValueError: the three sizes are not in order.
        """
        preset = PRESETS[self.budget]
        return Limits(
            self.keep_tokens or preset.keep, self.summarise_tokens or preset.summarise, self.hard_tokens or preset.hard
        )

    @property
    def key(self) -> str:
        return keys.clean(self.api_key.get_secret_value())

    @property
    def url(self) -> str:
        """``base_url`` without the part that belongs to the API."""
        base = self.base_url.strip().rstrip("/")
        return next((base[: -len(path)] for path in _PATHS if base.endswith(path)), base)

    @property
    def loads(self) -> bool:
        """Whether the server may have to load the model first: a self-hosted one, not a service."""
        return self.load_s > 0 and _private(self.base_url)

    @property
    def needs_key(self) -> bool:
        """Groq answers nobody without a key; a self-hosted server may."""
        return (urlsplit(self.base_url).hostname or "").endswith("groq.com")

    @property
    def all_emotions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*EMOTIONS, *self.emotions)))

    @property
    def memory(self) -> MemorySettings:
        return MemorySettings(limits=self.limits, emotions=self.all_emotions, viewers=self.viewers)

    @property
    def clocks(self) -> Clocks:
        return Clocks(self.first_s, self.idle_s, self.total_s, self.think_s)

    @property
    def rungs(self) -> list[Rung]:
        second = self.second_model.strip()
        return [Rung("model", self.model), *([Rung("second_model", second)] if second else [])]

    def body(self, model: str, prompt: Prompt, schema: bool) -> dict[str, Any]:
        """Return the request for an answer.

        ``reasoning_effort`` and ``include_reasoning`` go only to gpt-oss models, which would otherwise think at length.
        With a schema nothing can be streamed: Groq refuses both together.
        """
        body = self._common(model, prompt, self.max_tokens) | {"stream": self.mode == "stream"}
        body["temperature"] = self.temperature
        if schema:
            body["response_format"] = _schema(self.all_emotions)
        return _with(body, self.extra)

    def summary_body(self, model: str, prompt: Prompt, max_tokens: int) -> dict[str, Any]:
        """Return the request for a summary: plain text, all at once."""
        return _with(self._common(model, prompt, max_tokens) | {"stream": False, "temperature": 0.2}, self.extra)

    @property
    def also(self) -> dict[str, Any]:
        """Parameters that every request for an answer has beside its body, as far as a server accepts them."""
        return {} if "stop" in self.extra else {"stop": list(STOP)}

    def tiny_body(self, model: str, prompt: Prompt) -> dict[str, Any]:
        """Return the request for the beginning of an answer, which makes a server load the model and first prompt."""
        return _with(self._common(model, prompt, _TINY) | {"stream": True}, self.extra)

    def less(self, model: str) -> dict[str, Any]:
        """Return the parameters that ask a thinking model to think less.

        Services know ``reasoning_effort``; Groq's Qwen accepts nothing but ``none``. Self-hosted servers ignore what
        they do not know: vLLM, SGLang and llama.cpp have ``chat_template_kwargs``, Ollama ``think`` and
        ``reasoning_effort: none``.
        """
        if "gpt-oss" in model:
            asked: dict[str, Any] = {"reasoning_effort": "low"}
        elif not _private(self.base_url):
            asked = {"reasoning_effort": "none" if "qwen" in model.lower() else "low"}
        else:
            template = {"enable_thinking": False, "thinking": False}
            asked = {"reasoning_effort": "none", "think": False, "chat_template_kwargs": template}
        return {name: value for name, value in asked.items() if name not in self.extra}

    def _common(self, model: str, prompt: Prompt, max_tokens: int) -> dict[str, Any]:
        messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
        name = "max_completion_tokens" if self.needs_key else "max_tokens"  # older servers know only the latter
        body: dict[str, Any] = {"model": model, "messages": messages, name: max_tokens}
        if "gpt-oss" in model:
            body |= {"reasoning_effort": "low", "include_reasoning": False}
        return body


def _with(body: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**body, **extra}.items() if value is not None}


def _private(url: str) -> bool:
    """Return whether the server is on this machine or on the local network."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_private
    return is_loopback(url) or "." not in host or host.endswith((".local", ".lan", ".internal"))


def _schema(emotions: tuple[str, ...]) -> dict[str, Any]:
    """Return a strict schema: every property required and no other, as Groq's structured outputs require."""
    properties = {"emotion": {"type": "string", "enum": list(emotions)}, "response": {"type": "string"}}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
