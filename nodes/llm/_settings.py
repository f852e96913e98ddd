"""The settings of ``llm.reply``, and the request that they make of a prompt."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from nodes import keys
from nodes.llm._memory.memory import PRESETS, Limits, MemorySettings, Prompt
from nodes.llm._model.answer import LONGEST
from nodes.llm._model.asked import Clocks
from nodes.llm._model.attempts import Rung
from nodes.loopback import is_at_home
from nodes.particles import CHARACTER
from nodes.phrases import phrase
from schemas.reply import EMOTIONS
from schemas.settings import Settings, WatchedFile

GROQ = "https://api.groq.com/openai/v1"
STOP = ('\n{"n":', "\nUser:", "\n시청자:", "\n사용자:")
"""Where a model begins to invent what a viewer says next, as the prompt or a script has it; OpenAI takes four."""
OPTIONAL = ("stop", "think", "chat_template_kwargs", "reasoning_effort", "include_reasoning")
"""Parameters that a request can do without."""
_TINY = 8
"""Tokens of an answer that is requested only to get the model loaded; a model that thinks shows it in them."""
_ADDRESS = re.compile(r"(https?)://(?:[^\s/]*@)?(?:[^\s/:@?#\[\]]+|\[[\w:.%]+\])(?::\d{1,5})?(?:[/?#]\S*)?", re.I)
_ENDS = r"(?:chat/)?completions|chat|models|responses|messages"
_PATH = re.compile(rf"(?P<ollama>/api/(?:chat|generate|tags))/*$|/(?:{_ENDS})/*$", re.I)

Emotion = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,19}$")]


class Reply(Settings):
    persona: WatchedFile = Field(
        Path("config/character.txt"),
        title="Persona",
        description="File that describes the character. A change on air takes effect with the next answer.",
    )
    base_url: Annotated[str, AfterValidator(keys.plain)] = Field(
        GROQ,
        title="Address of the model",
        description="Address of the language model server (OpenAI API). Ollama, llama.cpp and vLLM work too: "
        "http://localhost:11434/v1",
    )
    api_key: SecretStr = Field(
        SecretStr(""),
        title="API key",
        description="API key of the server: ${GROQ_API_KEY:-}. It belongs in the file .env.",
    )
    model: str = Field(
        "openai/gpt-oss-120b", min_length=1, title="Model", description="Name of the model that answers."
    )
    second_model: str = Field(
        "",
        title="Second model",
        description="Model to ask when the first one cannot answer (such as openai/gpt-oss-20b); empty for none.",
    )
    mode: Literal["stream", "strict"] = Field(
        "stream",
        title="How answers come",
        description="stream speaks as the text comes; strict has the server guarantee its form, and speaks when all of "
        "it is there.",
    )
    emotions: tuple[Emotion, ...] = Field(
        (),
        title="More emotions",
        description="Names of feelings beside the six that are built in (small English letters).",
    )
    max_tokens: int = Field(
        300, ge=32, le=4096, title="Longest answer in tokens", description="Longest answer, in tokens."
    )
    max_chars: int = Field(
        LONGEST,
        ge=20,
        le=2000,
        title="Longest answer",
        description="Longest spoken answer, in characters; beyond it ends with the sentence.",
    )
    names: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        (CHARACTER,),
        title="Names of the character",
        description="What the character is called. When the model puts such a name before its answer (Choco: hello!), "
        "it is not read.",
    )
    temperature: float = Field(
        0.8,
        ge=0.0,
        le=2.0,
        title="Freedom of answers",
        description="How free answers are; near 0 they are always alike.",
    )
    first_s: float = Field(
        2.5,
        gt=0.0,
        le=60.0,
        title="First letter within",
        description="Seconds to wait for the first character of an answer.",
    )
    idle_s: float = Field(
        1.0,
        gt=0.0,
        le=60.0,
        title="Stalled answer given up after",
        description="Seconds to wait when an answer stops in the middle.",
    )
    total_s: float = Field(
        5.0,
        gt=0.0,
        le=120.0,
        title="Whole answer within",
        description="Longest time for an answer, in seconds, with all that is asked again.",
    )
    think_s: float = Field(
        10.0,
        gt=0.0,
        le=120.0,
        title="Thinking at most",
        description="Seconds until a model that thinks first has to write its first character.",
    )
    load_s: float = Field(
        300.0,
        ge=0.0,
        le=3600.0,
        title="Loading at most",
        description="Seconds in which a server on this machine or at home may load its model; prepared answers are "
        "given meanwhile. 0: no waiting.",
    )
    budget: Literal["groq_free", "paid"] = Field(
        "groq_free",
        title="Plan of the model",
        description="How much is remembered: groq_free fits the free limit of Groq (8,000 tokens a minute), paid "
        "remembers more.",
    )
    keep_tokens: int | None = Field(
        None,
        ge=100,
        title="Remembered word for word",
        description="Tokens that are remembered word by word; empty: as budget says.",
    )
    summarise_tokens: int | None = Field(
        None, ge=200, title="Summarised from", description="Tokens from which a summary is made; empty: as budget says."
    )
    hard_tokens: int | None = Field(
        None, ge=1000, title="Remembered at most", description="Tokens that are never exceeded; empty: as budget says."
    )
    viewers: int = Field(
        0,
        ge=0,
        le=10_000,
        title="Viewers remembered",
        description="Viewers whose earlier talks are remembered one by one; 0 for none.",
    )
    history: Path | None = Field(
        Path("history"), title="Folder of memory", description="Folder of the memory; null: it is not saved."
    )
    cache_s: float = Field(
        600.0,
        ge=0.0,
        le=86_400.0,
        title="Answers kept for",
        description="Seconds for which an answer is kept, to be given again to the same chat when the model cannot "
        "answer.",
    )
    extra: dict[str, Any] = Field(
        default_factory=dict,
        title="More values of the request",
        description="What else a request contains, such as {top_p: 0.9}. null leaves a value out.",
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if not (found := _ADDRESS.fullmatch(self.base_url)):
            raise ValueError(
                phrase("base_url {url} is no address; write it like {like}", url=repr(self.base_url), like=GROQ)
            )
        if found[1].lower() == "http" and self.api_key.get_secret_value() and not is_at_home(self.base_url):
            raise ValueError(phrase("base_url must begin with https://, or the API key could be read on its way"))
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
        """``base_url`` without the part that belongs to the API; Ollama has ours beside its own."""
        parts = urlsplit(self.base_url.strip())
        path = _PATH.sub(lambda end: "/v1" if end["ollama"] else "", re.sub("/{2,}", "/", parts.path)).rstrip("/")
        return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))

    @property
    def loads(self) -> bool:
        """Whether the server may have to load the model first: a self-hosted one, not a service."""
        return self.load_s > 0 and self.own

    @property
    def own(self) -> bool:
        """Whether the server is a program of the user's, on this machine or at home."""
        return is_at_home(self.base_url)

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
        elif not is_at_home(self.base_url):
            asked = {"reasoning_effort": "none" if "qwen" in model.lower() else "low"}
        else:
            template = {"enable_thinking": False, "thinking": False}
            asked = {"reasoning_effort": "none", "think": False, "chat_template_kwargs": template}
        return {name: value for name, value in asked.items() if name not in self.extra}

    def _common(self, model: str, prompt: Prompt, max_tokens: int) -> dict[str, Any]:
        messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
        name = "max_completion_tokens" if self.needs_key else "max_tokens"  # older servers know only the latter
        less = {"reasoning_effort": "low", "include_reasoning": False} if "gpt-oss" in model else {}
        return {"model": model, "messages": messages, name: max_tokens, **less}


def _with(body: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**body, **extra}.items() if value is not None}


def _schema(emotions: tuple[str, ...]) -> dict[str, Any]:
    """Return a strict schema: every property required and no other, as Groq's structured outputs require."""
    properties = {"emotion": {"type": "string", "enum": list(emotions)}, "response": {"type": "string"}}
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
