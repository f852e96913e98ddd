"""A voice that other computers make: the OpenAI speech API, or ``POST /synthesize`` of the first AIsChoco."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field, SecretStr

from nodes import keys
from nodes.bodies import PLAIN, BadBody, beginning, pieces
from nodes.phrases import Phrase, joined, phrase, said_by
from nodes.services import Clock, Log, Worker
from nodes.speech._http.response import HEALTH_S, MOST_ERROR, Failed, NotThere, decoded, reason, sound_of
from nodes.speech._http.servers import OPENAI, SYNTHESIZE, Server, Servers, addresses
from nodes.speech._speaking.speak import Speaking
from nodes.speech._speaking.voice import Sound, VoiceError
from nodes.speech._speaking.wav import WireError
from schemas.language import Speaks
from schemas.reply import Sentence

if TYPE_CHECKING:
    import httpx

CONNECT_S = 2.0
TEND_S = 1.0
"""How often to check on servers that are down."""
LONGEST_S = 60.0
"""Seconds of sound after which a sentence is broken off: a model that does not find its end goes on for minutes."""

_PATHS = {"auto": (OPENAI, SYNTHESIZE), "openai": (OPENAI,), "synthesize": (SYNTHESIZE,)}
_SETTLE_S = 0.01
_MOST_BODY = 64 * 1024 * 1024
"""Most bytes of an answer: a minute of sound in the largest form, and as base64."""


class Http(Speaking):
    """Settings of a voice over HTTP."""

    urls: Annotated[tuple[str, ...], AfterValidator(addresses)] = Field(
        default=(),
        title="Voice servers",
        description=('Addresses of voice servers, in their order; a dead one is passed over: ["${TTS_REMOTE_URL:-}"]'),
        examples=[["http://192.168.0.20:5001"]],
    )
    api: Literal["auto", "openai", "synthesize"] = Field(
        "auto",
        title="How the server is asked",
        description="API of the server. auto: /synthesize where there is no /v1/audio/speech.",
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        title="Password of the server",
        description="Password of the server: ${TTS_REMOTE_TOKEN:-}",
    )
    model: str = Field("tts-1", title="Model", description="Name of the model to send to the server (openai).")
    voice: str = Field("default", title="Voice", description="Name of the voice to send to the server (openai).")
    voices: dict[str, str] = Field(
        default_factory=dict[str, str],
        title="Voices by emotion",
        description="Another voice for a feeling: {happy: choco_happy}",
    )
    language: Annotated[str, Speaks()] = Field(
        "",
        title="Language",
        description="Language, as the server calls it (Korean); it is sent by the synthesize API alone. The answer, "
        "numbers and foreign words follow it too. Empty: Korean; for one of several voices, the language of the "
        "others.",
    )
    extra: dict[str, Any] = Field(
        default_factory=dict[str, Any],
        title="More values of the request",
        description="What else is sent; null leaves an item out: {language: Korean, stream_format: null}",
    )
    first_chunk_s: float = Field(
        5.0,
        gt=0,
        le=300,
        title="First sound within",
        description="Seconds to wait for the first sound before the next server is asked.",
    )
    timeout_s: float = Field(
        30.0,
        gt=0,
        le=600,
        title="Whole sentence within",
        description="Seconds to wait for a server that sends whole sentences (synthesize).",
    )
    stall_s: float = Field(
        3.0,
        gt=0,
        le=60,
        title="Stalled sound given up after",
        description="Seconds to wait for a server that stops in the middle.",
    )


def _no_address() -> Phrase:
    return phrase("no voice server is named: write TTS_REMOTE_URL into .env")


def open_client(config: Http) -> "httpx.AsyncClient":
    """Make the client. Blocking, 0.1 s: the import and the certificates. No proxy is used for this machine."""
    import httpx

    token = keys.clean(config.token.get_secret_value())
    if wrong := keys.wrong(token):
        raise ValueError(phrase("a token cannot hold these: {signs}", signs=wrong))
    return httpx.AsyncClient(
        headers={**PLAIN, **({"Authorization": f"Bearer {token}"} if token else {})},
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
            VoiceError: none of them is there.
        """
        await self._client()
        told = await asyncio.gather(*(self._probe(server) for server in self._servers.all))
        if not told or all(told):
            raise VoiceError(joined(told) or _no_address())

    async def tend(self) -> None:
        """Check on servers that are down, so that no sentence has to try them."""
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
            except Failed as error:
                failures.append(phrase("{name}: {why}", name=server.url, why=said_by(error)))
                if not error.alive:
                    self._lost(server, error)
                if begun:
                    break
            else:
                if server.told:
                    self._log.info(phrase("The voice server works again"), server=server.url)
                server.worked()
                return
        raise VoiceError(joined(failures) or _no_address())

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
            except (ValueError, ImportError, OSError) as error:  # from a proxy or certificates that httpx cannot use
                raise VoiceError(phrase("the connection could not be prepared: {why}", why=said_by(error))) from error
        return self._opened

    def _lost(self, server: Server, error: Exception) -> None:
        server.failed(self._clock.now(), getattr(error, "retry_after_s", 0.0))
        if not server.told:
            server.told = True
            self._log.warning(phrase("The voice server is skipped"), server=server.url, error=said_by(error))

    async def _probe(self, server: Server) -> str:
        """Return why the server is not there; empty if it is. A server without ``/health`` says 404 and is there."""
        import httpx

        client = await self._client()
        try:
            async with asyncio.timeout(HEALTH_S), client.stream("GET", server.root + "/health") as response:
                await beginning(response, MOST_ERROR)
            if response.status_code >= 500:
                raise Failed(f"/health: {response.status_code}")
        except (Failed, httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # TimeoutError is an OSError
            self._lost(server, Failed(reason(error)))
            return phrase("{name}: {why}", name=server.url, why=reason(error))
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
                except NotThere as error:
                    missing = missing or f"{path}: {error}"
            server.paths = ()
            raise Failed(phrase("look whether the address and the name of the model are right. {what}", what=missing))
        finally:
            server.in_flight -= 1

    async def _streamed(self, server: Server, path: str, sentence: Sentence) -> AsyncGenerator[Sound]:
        import httpx

        config = self._config
        first_s = config.first_chunk_s if path == OPENAI else config.timeout_s
        until = self._clock.now() + first_s
        response: httpx.Response | None = None
        seconds, quiet = 0.0, 0
        try:
            response = await self._ask(server.address(path), self._body(path, sentence), first_s)
            sound = await sound_of(response)
            async with aclosing(pieces(response, _MOST_BODY)) as body:
                data: bytes | None = b""
                while data is not None:
                    async with asyncio.timeout(until - self._clock.now()):
                        data = await anext(body, None)
                    samples = await decoded(sound, data, self._worker)
                    if not seconds and not samples.any():  # nothing has been heard; another server may still say it
                        quiet += len(samples)
                    elif len(samples):
                        samples, quiet = np.pad(samples, (quiet, 0)) if quiet else samples, 0
                        seconds += len(samples) / sound.rate
                        yield Sound(samples, sound.rate)
                        until = self._clock.now() + config.stall_s  # from sound to sound: other data is no sign of life
                    if seconds + quiet / sound.rate > LONGEST_S:
                        raise Failed(phrase("a sentence of over {seconds} s", seconds=f"{LONGEST_S:.0f}"), alive=True)
            if not seconds:
                raise Failed(phrase("it sent an answer without sound"), alive=True)
        except TimeoutError:
            if seconds:
                raise Failed(phrase("it did not go on for {seconds} s", seconds=f"{config.stall_s:g}")) from None
            raise Failed(phrase("it sent no sound within {seconds} s", seconds=f"{first_s:g}")) from None
        except (httpx.HTTPError, httpx.InvalidURL, WireError, BadBody, OSError) as error:
            raise Failed(reason(error)) from None
        finally:
            if response is not None:
                await response.aclose()

    async def _ask(self, url: str, body: dict[str, Any], seconds: float) -> "httpx.Response":
        """Return the answer as soon as its headers are there. Ask again once if a connection kept open had died."""
        import httpx

        client = await self._client()
        async with asyncio.timeout(seconds):
            try:
                return await client.send(client.build_request("POST", url, json=body), stream=True)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                return await client.send(client.build_request("POST", url, json=body), stream=True)

    def _body(self, path: str, sentence: Sentence) -> dict[str, Any]:
        config = self._config
        if path == SYNTHESIZE:
            body: dict[str, Any] = {
                "text": sentence.spoken,
                "emotion": sentence.emotion,
                "language": config.language or sentence.language.capitalize(),
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
