"""``chat.chzzk``: the live chat of the streamer's own channel, through CHZZK's official API."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib import import_module
from random import Random

from reactivex import Observable

from nodes import node
from nodes.chat._chzzk.credentials import Credentials
from nodes.chat._chzzk.engineio import LIBRARIES
from nodes.chat._chzzk.session import Reception
from nodes.chat._chzzk.socket import websockets
from nodes.services import Clock, Jobs, Log, Verdicts
from schemas.chat import RawPayload


class Chzzk(Credentials):
    """Settings of ``chat.chzzk``: the account it receives for."""


@node("chat.chzzk", exclusive=True, light="chat")
def chzzk(config: Chzzk, *, jobs: Jobs, clock: Clock, verdicts: Verdicts, log: Log) -> Observable[RawPayload]:
    """Receive chat, donations and subscriptions of your own CHZZK channel while you are live.

    It needs a login (``python aischoco.py login``) and never ends or fails by itself: a lost connection is reopened
    after 1 to 30 s with a fresh session URL, a dead one is detected within 40 s, and if a person has to do something,
    one line says what while the show goes on. Events come in the order of the socket, with the payload as on the wire;
    ``SYSTEM`` is consumed here. Events sent while there is no session are lost, because CHZZK does not keep them.
    A frame that cannot be read is counted as malformed (``frame``, or ``json`` for a ``SYSTEM`` message).
    """

    async def produce() -> AsyncGenerator[RawPayload]:
        for library in ("aiohttp", *LIBRARIES):  # takes 0.3 s each, which would block the loop
            await jobs.thread(import_module, library)
        account = config.account(log)
        try:
            async with websockets() as connect:
                reception = Reception(
                    account,
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
            await account.close()

    return jobs.source(produce)
