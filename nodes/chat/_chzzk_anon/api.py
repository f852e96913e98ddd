"""The two requests needed to read CHZZK's web chat without a login: whether the channel is live, and a read token.

Source: as in ``_chzzk_anon.items``.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from nodes.chat._chzzk.rest import ChzzkError, Forbidden, LoginNeeded, NotFound, Rest, unreadable
from nodes.chat._chzzk.wire import readable
from nodes.loopback import is_loopback
from nodes.phrases import phrase

API_URL = "https://api.chzzk.naver.com"
GAME_URL = "https://comm-api.game.naver.com"
CHAT_URL = "wss://kr-ss{n}.chat.naver.com/chat"
HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; AIsChoco)"}
"""Requests without a user agent were sometimes refused."""

State = Literal["open", "offline", "adult", "restricted", "unknown"]


@dataclass(frozen=True, slots=True)
class Live:
    """What a channel is doing now."""

    chat_id: str
    """The chat of its current broadcast, different for each broadcast; empty if it cannot be read."""
    state: State


class Refused(ChzzkError):
    """CHZZK does not let anyone read this without a login."""

    def __init__(self) -> None:
        super().__init__(phrase("CHZZK refuses to be read without a login. Use chat.chzzk, which logs in."))


class AnonApi:
    """Makes the two requests; raises only ``ChzzkError``."""

    def __init__(self, api_url: str, game_url: str) -> None:
        self._api = Rest(api_url, HEADERS)
        self._game = Rest(game_url, HEADERS)

    async def live(self, channel_id: str) -> Live:
        """Return what the channel is doing now."""
        try:
            status = await self._api.ask("GET", f"/polling/v3.1/channels/{channel_id}/live-status")
        except NotFound:
            return Live("", "unknown")
        except (LoginNeeded, Forbidden):
            raise Refused from None
        chat_id = readable(status.get("chatChannelId"), 100)
        if chat_id:
            return Live(chat_id, "open")
        if not status:
            return Live("", "unknown")
        if status.get("status") != "OPEN":
            return Live("", "offline")
        return Live("", "adult" if status.get("adult") is True else "restricted")

    async def token(self, chat_id: str) -> str:
        """Return a token for reading the chat; it is still a secret."""
        query = {"channelId": chat_id, "chatType": "STREAMING"}
        try:
            content = await self._game.ask("GET", "/nng_main/v1/chats/access-token", query=query)
        except (LoginNeeded, Forbidden):
            raise Refused from None
        token = content.get("accessToken")
        if not isinstance(token, str) or not token:
            raise unreadable()
        return token

    async def close(self) -> None:
        await self._api.close()
        await self._game.close()


def chat_url(template: str, chat_id: str) -> str:
    """Return the WebSocket address of a chat: ``{n}`` is one of nine servers, each of which has every chat."""
    return template.replace("{n}", str(sum(map(ord, chat_id)) % 9 + 1))


def secure_chat_url(template: str) -> str:
    """Return the template unchanged.

    Raises:
        ValueError: a token would be sent unencrypted over a network.
    """
    parts = urlsplit(chat_url(template, ""))
    if not parts.hostname or not (parts.scheme == "wss" or (parts.scheme == "ws" and is_loopback(parts.hostname))):
        raise ValueError(phrase("must begin with wss:// (ws:// only on this machine)"))
    return template
