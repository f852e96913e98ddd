"""A voice that other computers make: the OpenAI speech API, or ``POST /synthesize`` of the first AIsChoco."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, SecretStr

from nodes.services import Clock, Log, Worker
from nodes.speech._http.servers import Server, Servers, addresses
from nodes.speech._http.wire import decoder
from nodes.speech._speaking.speak import Speaking
from nodes.speech._speaking.voice import Sound, VoiceError
from nodes.speech._speaking.wav import WireError
from schemas.reply import Sentence

if TYPE_CHECKING:
    import httpx

CONNECT_S = 2.0
HEALTH_S = 2.0
"""How long a server may take to tell that it is there."""
TEND_S = 1.0
"""How often servers that are down are looked after."""
LONGEST_S = 60.0
"""Seconds of sound after which a sentence is broken off: a model that does not find its end goes on for minutes."""

_OPENAI, _SYNTHESIZE = "/v1/audio/speech", "/synthesize"
_PATHS = {"auto": (_OPENAI, _SYNTHESIZE), "openai": (_OPENAI,), "synthesize": (_SYNTHESIZE,)}
_NO_SUCH_PATH = (404, 405)
_SETTLE_S = 0.01
_MOST_ERROR = 300
"""Characters of an error page that are shown."""


class Http(Speaking):
    """Settings of a voice over HTTP."""

    urls: Annotated[tuple[str, ...], AfterValidator(addresses)] = Field(
        default=(),
        description='목소리 서버의 주소들. 앞의 것부터 쓰고, 죽은 서버는 건너뜁니다: ["${TTS_REMOTE_URL:-}"]',
        examples=[["http://192.168.0.20:5001"]],
    )
    api: Literal["auto", "openai", "synthesize"] = Field(
        "auto", description="서버가 쓰는 방식. auto는 /v1/audio/speech가 없으면 /synthesize를 씁니다."
    )
    token: SecretStr = Field(default=SecretStr(""), description="서버의 암호: ${TTS_REMOTE_TOKEN:-}")
    model: str = Field("tts-1", description="서버에 보낼 모델 이름 (openai 방식).")
    voice: str = Field("default", description="서버에 보낼 목소리 이름 (openai 방식).")
    voices: dict[str, str] = Field(
        default_factory=dict[str, str], description="감정에 따라 다른 목소리 이름: {happy: choco_happy}"
    )
    language: str = Field("Korean", description="말하는 언어 (synthesize 방식).")
    extra: dict[str, Any] = Field(
        default_factory=dict[str, Any],
        description="함께 보낼 항목. null이면 그 항목을 보내지 않습니다: {language: Korean, stream_format: null}",
    )
    first_chunk_s: float = Field(
        5.0, gt=0, le=300, description="첫 소리를 기다리는 시간(초). 지나면 다음 서버에 부탁합니다."
    )
    timeout_s: float = Field(
        30.0, gt=0, le=600, description="문장을 다 만들어 보내는 서버(synthesize)를 기다리는 시간(초)."
    )
    stall_s: float = Field(3.0, gt=0, le=60, description="말하다가 끊긴 서버를 기다리는 시간(초).")


class _Failed(Exception):
    """One server did not say it."""

    def __init__(self, text: str, *, alive: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.alive = alive
        """It is not the server that is at fault."""
        self.retry_after_s = retry_after_s


class _NotThere(Exception):
    """The server does not have this interface."""


def open_client(config: Http) -> "httpx.AsyncClient":
    """Blocking, 0.1 s: the import and the certificates. Nothing on this machine is asked through a proxy."""
    import httpx

    token = config.token.get_secret_value()
    return httpx.AsyncClient(
        headers={"Authorization": f"Bearer {token}"} if token else None,
        timeout=httpx.Timeout(None, connect=CONNECT_S),
        limits=httpx.Limits(keepalive_expiry=120.0),
        mounts={f"all://{host}": None for host in ("localhost", "127.0.0.1", "[::1]")},
    )


class HttpVoice:
    """A ``Voice`` over a list of servers. Another server is asked only before the first piece of a sentence."""

    def __init__(self, config: Http, worker: Worker, clock: Clock, log: Log) -> None:
        self._config = config
        self._worker = worker
        self._clock = clock
        self._log = log
        self._servers = Servers(config.urls)
        self._opened: httpx.AsyncClient | None = None
        if config.token.get_secret_value():
            log.hide(config.token.get_secret_value())

    async def prepare(self) -> None:
        """Connect to every server.

        Raises:
            VoiceError: not one of them is there.
        """
        await self._client()
        told = await asyncio.gather(*(self._probe(server) for server in self._servers.all))
        if not told or all(told):
            raise VoiceError("; ".join(told) or "목소리 서버의 주소가 없습니다. .env에 TTS_REMOTE_URL을 적으세요")

    async def tend(self) -> None:
        """Look after servers that are down, so that no sentence has to try them."""
        while True:
            await self._worker.sleep(TEND_S)
            for server in self._servers.due(self._clock.now()):
                await self._probe(server)

    async def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """See ``Voice``: pieces as they come over the network."""
        if not sentence.spoken.strip():
            return
        failures: list[str] = []
        for server in self._servers.order(self._clock.now()):
            begun = False
            try:
                async with aclosing(self._said_by(server, sentence)) as sounds:
                    async for sound in sounds:
                        begun = True
                        yield sound
            except _Failed as error:
                failures.append(f"{server.url}: {error}")
                if not error.alive:
                    self._lost(server, error)
                if begun:
                    break
            else:
                if server.told:
                    self._log.info("목소리 서버가 다시 됩니다", server=server.url)
                server.worked()
                return
        raise VoiceError("; ".join(failures) or "목소리 서버의 주소가 없습니다. .env에 TTS_REMOTE_URL을 적으세요")

    async def close(self) -> None:
        """Close the connections."""
        client, self._opened = self._opened, None
        if client is not None:
            await client.aclose()
            # httpx leaves the generators under a stream that was broken off to the garbage collector, which closes them
            # in tasks of the loop.
            await self._worker.sleep(_SETTLE_S)

    async def _client(self) -> "httpx.AsyncClient":
        if self._opened is None:
            try:
                self._opened = await self._worker.thread(open_client, self._config)
            except (ValueError, ImportError, OSError) as error:  # of a proxy or certificates that httpx cannot use
                raise VoiceError(f"목소리 서버에 연결할 준비를 못 했습니다: {error}") from error
        return self._opened

    def _lost(self, server: Server, error: Exception) -> None:
        server.failed(self._clock.now(), getattr(error, "retry_after_s", 0.0))
        if not server.told:
            server.told = True
            self._log.warning("목소리 서버가 대답하지 않아 건너뜁니다", server=server.url, error=str(error))

    async def _probe(self, server: Server) -> str:
        """Why it is not there; empty if it is. A server without ``/health`` says 404 and is there."""
        import httpx

        client = await self._client()
        try:
            async with asyncio.timeout(HEALTH_S):
                response = await client.get(server.url + "/health")
            if response.status_code >= 500:
                raise _Failed(f"/health: {response.status_code}")
        except (_Failed, httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # TimeoutError is an OSError
            self._lost(server, _Failed(_reason(error)))
            return f"{server.url}: {_reason(error)}"
        server.answered()
        return ""

    async def _said_by(self, server: Server, sentence: Sentence) -> AsyncGenerator[Sound]:
        server.in_flight += 1
        try:
            missing = ""
            for path in server.paths or _PATHS[self._config.api]:
                try:
                    async with aclosing(self._streamed(server, path, sentence)) as sounds:
                        async for sound in sounds:
                            server.paths = (path,)
                            yield sound
                    return
                except _NotThere as error:
                    missing = missing or f"{path}: {error}"
            server.paths = ()
            raise _Failed(f"주소나 모델 이름이 맞는지 보세요. {missing}")
        finally:
            server.in_flight -= 1

    async def _streamed(self, server: Server, path: str, sentence: Sentence) -> AsyncGenerator[Sound]:
        import httpx

        config = self._config
        first_s = config.first_chunk_s if path == _OPENAI else config.timeout_s
        until = self._clock.now() + first_s
        response: httpx.Response | None = None
        seconds = 0.0
        try:
            response = await self._ask(server.url + path, self._body(path, sentence), first_s)
            await _check(response)
            sound = decoder(response.headers)
            async with aclosing(cast(AsyncGenerator[bytes], response.aiter_bytes())) as body:
                while True:
                    async with asyncio.timeout(config.stall_s if seconds else until - self._clock.now()):
                        data = await anext(body, None)
                    if data is None:
                        break
                    samples = sound.push(data)
                    if len(samples):
                        seconds += len(samples) / sound.rate
                        yield Sound(samples, sound.rate)
                    if seconds > LONGEST_S:
                        raise _Failed(f"한 문장이 {LONGEST_S:.0f}초를 넘었습니다", alive=True)
            if not seconds:
                raise _Failed("소리가 없는 대답을 보냈습니다", alive=True)
        except TimeoutError:
            limit = f"{config.stall_s:g}초 동안 말을 잇지" if seconds else f"{first_s:g}초 안에 소리를 보내지"
            raise _Failed(f"{limit} 않았습니다") from None
        except (httpx.HTTPError, httpx.InvalidURL, WireError, OSError) as error:
            raise _Failed(_reason(error)) from None
        finally:
            if response is not None:
                await response.aclose()

    async def _ask(self, url: str, body: dict[str, Any], seconds: float) -> "httpx.Response":
        """The answer as soon as its headers are there. Asked once more if a connection that was kept open had died."""
        import httpx

        client = await self._client()
        async with asyncio.timeout(seconds):
            try:
                return await client.send(client.build_request("POST", url, json=body), stream=True)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                return await client.send(client.build_request("POST", url, json=body), stream=True)

    def _body(self, path: str, sentence: Sentence) -> dict[str, Any]:
        config = self._config
        if path == _SYNTHESIZE:
            body: dict[str, Any] = {
                "text": sentence.spoken,
                "emotion": sentence.emotion,
                "language": config.language,
            }
        else:
            body = {
                "model": config.model,
                "input": sentence.spoken,
                "voice": config.voices.get(sentence.emotion, config.voice),
                "response_format": "pcm",
                "stream": True,
                "stream_format": "audio",
            }
        return {name: value for name, value in {**body, **config.extra}.items() if value is not None}


async def _check(response: "httpx.Response") -> None:
    """
    Raises:
        _NotThere, _Failed: the answer is no sound.
    """
    status = response.status_code
    if status == 200:
        return
    async with asyncio.timeout(HEALTH_S):
        text = (await response.aread()).decode("utf-8", "replace").strip()[:_MOST_ERROR]
    if status in _NO_SUCH_PATH:
        raise _NotThere(text)
    if status in (401, 403):
        raise _Failed(f"암호(token)가 맞지 않습니다 ({status})")
    if 300 <= status < 400:
        raise _Failed(f"주소가 바뀌었습니다: {response.headers.get('location', '?')}")
    wait = response.headers.get("retry-after", "")
    raise _Failed(f"{status} {text}", alive=400 <= status < 429, retry_after_s=float(wait) if wait.isdecimal() else 0.0)


def _reason(error: BaseException) -> str:
    """In words; httpx leaves some of its texts empty."""
    return str(error) or type(error).__name__
