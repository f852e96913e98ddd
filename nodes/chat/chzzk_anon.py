"""``chat.chzzk_anon``: the chat of any CHZZK channel without a login, for trying things out."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib import import_module
from random import Random
from typing import Annotated

from pydantic import AfterValidator, Field
from reactivex import Observable

from nodes import node
from nodes.chat._chzzk.rest import secure_url
from nodes.chat._chzzk.socket import websockets
from nodes.chat._chzzk_anon.api import API_URL, CHAT_URL, GAME_URL, HEADERS, AnonApi, secure_chat_url
from nodes.chat._chzzk_anon.session import AnonReception
from nodes.services import Clock, Jobs, Log, Verdicts
from schemas.chat import RawPayload
from schemas.settings import Settings


class ChzzkAnon(Settings):
    """Settings of ``chat.chzzk_anon``."""

    channel_id: str = Field(
        pattern=r"^[0-9a-f]{32}$",
        title="Channel ID",
        description="The last 32 characters of the channel's address, https://chzzk.naver.com/...",
        examples=["0123456789abcdef0123456789abcdef"],
    )
    api_url: Annotated[str, AfterValidator(secure_url)] = Field(
        default=API_URL,
        title="Address of the API",
        description="Address that tells whether the channel is live. Usually left as it is.",
    )
    game_url: Annotated[str, AfterValidator(secure_url)] = Field(
        default=GAME_URL,
        title="Address of read tokens",
        description="Address that gives a token for reading. Usually left as it is.",
    )
    chat_url: Annotated[str, AfterValidator(secure_chat_url)] = Field(
        default=CHAT_URL,
        title="Address of chat",
        description="Address of the chat server; {n} becomes the number of the server. Usually left as it is.",
    )


@node("chat.chzzk_anon", exclusive=True, light="chat")
def chzzk_anon(config: ChzzkAnon, *, jobs: Jobs, clock: Clock, verdicts: Verdicts, log: Log) -> Observable[RawPayload]:
    """Read the chat of a CHZZK channel without a login, for a trial: unofficial, and it may break any day.

    It reads what the channel's web page reads. CHZZK guarantees nothing about that, has changed it before and may
    refuse it at any time, so no graph shipped with the program uses it; on air use ``chat.chzzk``. Age-restricted
    broadcasts cannot be read.

    Chat, donations and subscriptions come as ``CHAT``, ``DONATION`` and ``SUBSCRIPTION`` in the form of the official
    API, and a message that was hidden or deleted as ``BLIND``, which the official API does not report. It never ends
    or fails by itself: it waits for a broadcast, continues with the next one within 33 s, reconnects 1 to 30 s after a
    loss, and detects a dead connection within 43 s. After a loss it also emits the latest messages that it missed (up
    to 50, from two minutes), none of them twice; messages from before the first connection are not emitted. Counted as
    malformed: a ``frame`` that is not a JSON object, a ``field`` that is not a message, an ``event`` of unknown kind.
    """

    async def produce() -> AsyncGenerator[RawPayload]:
        await jobs.thread(import_module, "aiohttp")  # takes 0.3 s, which would block the loop
        api = AnonApi(config.api_url, config.game_url)
        try:
            async with websockets(str, HEADERS) as connect:
                reception = AnonReception(
                    config.channel_id,
                    config.chat_url,
                    api,
                    connect,
                    jobs=jobs,
                    clock=clock,
                    verdicts=verdicts,
                    log=log,
                    chance=Random(),  # noqa: S311
                )
                async with aclosing(reception.events()) as events:
                    async for event in events:
                        yield event
        finally:
            await api.close()

    return jobs.source(produce)
