"""A recogniser on another computer: the OpenAI API for transcriptions, which Groq, Speaches and vLLM speak, too."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from pydantic import Field, SecretStr

from nodes import keys
from nodes.bodies import PLAIN, BadBody, pieces
from nodes.listen._engine import EngineError
from nodes.listen._ghosts import Transcript
from nodes.listen._saved import wav
from nodes.phrases import Phrase, phrase
from nodes.services import Log, Worker
from nodes.waits import duration, retry_after
from schemas.host import Utterance
from schemas.settings import Settings

if TYPE_CHECKING:
    import httpx

GROQ = "https://api.groq.com/openai/v1"
CONNECT_S = 3.0
MOST_BODY = 1024 * 1024
KEEP_S = 120.0
"""How long a quiet connection is kept; httpx's own 5 s would cost a handshake with most lines of a talk."""
LONGEST_REST_S = 24 * 3600.0
_REMAINING = "x-ratelimit-remaining-"
_RESET = "x-ratelimit-reset-"
_HIGHEST = 1e6
"""No figure of an answer is higher than this."""


class Http(Settings):
    """Settings of a recogniser over HTTP."""

    base_url: str = Field(
        GROQ,
        title="Server",
        description="Address of the server (OpenAI API for transcriptions): http://localhost:8000/v1",
    )
    api_key: SecretStr = Field(
        SecretStr(""),
        title="API key",
        description="API key of the server: ${GROQ_API_KEY:-}. It belongs in the file .env.",
    )
    model: str = Field("whisper-large-v3-turbo", min_length=1, title="Model", description="Name of the model.")
    language: str = Field(
        "ko", title="Language", description="Language that is spoken, as ISO 639-1; empty: the server finds out."
    )
    timeout_s: float = Field(6.0, gt=0, le=60, title="Longest wait", description="Seconds to wait for the words.")


class HttpEngine:
    """Asks the server once for each utterance, and rests where a limit of the server says so."""

    def __init__(self, config: Http, worker: Worker, log: Log) -> None:
        self._config = config
        self._worker = worker
        self._client: httpx.AsyncClient | None = None
        self._key = keys.clean(config.api_key.get_secret_value())
        if self._key:
            log.hide(self._key)

    async def prepare(self) -> None:
        """Make the client.

        Raises:
            EngineError: the key cannot be one, or is missing.
        """
        await self._ready()

    async def hear(self, utterance: Utterance, sample: str) -> Transcript:
        """See ``Engine``."""
        import httpx

        client, config = await self._ready(), self._config
        content = wav(utterance.samples)  # takes less than the way to a thread and back
        fields = {"model": config.model, "response_format": "verbose_json", "temperature": "0", "prompt": sample}
        if config.language:
            fields["language"] = config.language
        url = config.base_url.rstrip("/") + "/audio/transcriptions"
        try:
            request = client.build_request(
                "POST", url, data=fields, files={"file": ("utterance.wav", content, "audio/wav")}
            )
            request.read()  # in one piece, or httpx would send each field and each end of a line by itself
            response = await client.send(request, stream=True)
            try:
                body = b"".join([piece async for piece in pieces(response, MOST_BODY)])
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, BadBody, OSError) as error:
            why = str(error) or type(error).__name__
            raise EngineError(phrase("the server does not answer: {error}", error=why)) from error
        if response.status_code != 200:
            rest_s = _rest_s(response.status_code, response.headers, body)
            raise EngineError(_refusal(response.status_code, body), rest_s=rest_s)
        return replace(read(body), rest_s=used_up_s(response.headers))

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ready(self) -> "httpx.AsyncClient":
        if wrong := keys.wrong(self._key):
            raise EngineError(phrase("a key has no such sign: {wrong}", wrong=wrong), rest_s=LONGEST_REST_S)
        if not self._key and self._config.base_url.startswith(GROQ):
            told = phrase("no key is set: put GROQ_API_KEY into .env")
            raise EngineError(told, rest_s=LONGEST_REST_S)
        if self._client is None:
            try:
                self._client = await self._worker.thread(self._opened)
            except (ValueError, ImportError, OSError) as error:  # from a proxy or certificates that httpx cannot use
                raise EngineError(phrase("cannot connect: {error}", error=error)) from error
        return self._client

    def _opened(self) -> "httpx.AsyncClient":
        import httpx

        return httpx.AsyncClient(
            headers={**PLAIN, **({"Authorization": f"Bearer {self._key}"} if self._key else {})},
            timeout=httpx.Timeout(self._config.timeout_s, connect=CONNECT_S),
            limits=httpx.Limits(keepalive_expiry=KEEP_S),
            mounts={f"all://{host}": None for host in ("localhost", "127.0.0.1", "[::1]")},
        )


def read(body: bytes) -> Transcript:
    """Read an answer: ``verbose_json``, or the plain form of servers that have no other.

    Raises:
        EngineError: it is not one.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise EngineError(phrase("the server sent no JSON")) from error
    answer = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if not isinstance(text := answer.get("text"), str):
        raise EngineError(phrase("the server sent no text"))
    listed = answer.get("segments")
    whole = cast("list[Any]", listed) if isinstance(listed, list) else []
    segments = [cast("dict[str, Any]", each) for each in whole if isinstance(each, dict)]

    def mean(name: str) -> float | None:
        found = [value for each in segments if isinstance(value := each.get(name), int | float)]
        values = [float(value) for value in found if abs(value) < _HIGHEST]
        return sum(values) / len(values) if values else None

    return Transcript(text.strip(), mean("no_speech_prob"), mean("avg_logprob"), mean("compression_ratio"))


def used_up_s(headers: Mapping[str, str]) -> float:
    """Return how long to wait until every limit that is used up begins anew; 0 where something of each is left.

    Requests, tokens and seconds of sound are counted: ``x-ratelimit-remaining-NAME`` and ``x-ratelimit-reset-NAME``.
    """
    rests: list[float] = []
    for name, value in headers.items():
        kind = name.lower().removeprefix(_REMAINING)
        if kind == name.lower():
            continue
        try:
            left = float(value)
        except ValueError:
            continue
        if left <= 0:
            rests.append(duration(headers.get(_RESET + kind, "")) or 60.0)
    return min(LONGEST_REST_S, max(rests, default=0.0))


def _rest_s(status: int, headers: Mapping[str, str], body: bytes) -> float:
    if status in (401, 403, 404):
        return LONGEST_REST_S
    asked_s = retry_after(headers, body.decode("utf-8", "replace")) or 0.0
    if status == 429:
        asked_s = max(asked_s, used_up_s(headers)) or 20.0
    return min(LONGEST_REST_S, asked_s)


def _refusal(status: int, body: bytes) -> Phrase:
    if status in (401, 403):
        return phrase("the server does not accept the key ({status}): look at GROQ_API_KEY in .env", status=status)
    if status == 404:
        return phrase("there is no such address or model ({status})", status=status)
    if status == 429:
        return phrase("the limit of the server is used up ({status})", status=status)
    text = " ".join(body[:200].decode("utf-8", "replace").split())
    return phrase("the server refuses: {status} {text}", status=status, text=text)
