"""What a streamer may change in the chat of CHZZK: the notice, the settings, one line, one viewer for a minute.

Source: the pages Chat and Restriction of CHZZK's API documents, and what authors of SDKs measured in 2026-07: settings
take effect at once, other values than the listed ones are answered 400, a restriction lasts a minute, hides the lines
that the viewer wrote, and is refused for managers. The restriction without an end (``restrict-channels``) is answered
400 whoever is meant, so nothing here calls it.
"""

from collections.abc import Mapping
from typing import Any, Literal

from nodes.chat._chzzk.account import Account
from nodes.chat._chzzk.rest import unreadable
from nodes.chat._chzzk.scopes import BLIND, CHAT_SETTINGS, NOTICE, RESTRICT
from schemas.chat import ChatMessage

NOTICE_LIMIT = 100
"""How many characters a notice may have: as many as a message."""
SlowMode = Literal[3, 5, 10, 30, 60, 120, 300]
"""The seconds between two messages of a viewer that CHZZK accepts; 0 is off."""
FollowerMinutes = Literal[0, 5, 10, 30, 60, 1440, 10080, 43200, 86400, 129600, 172800, 216000, 259200]
"""For how many minutes a viewer must have followed; CHZZK accepts these only."""
RESTRICTED_S = 60
"""How long a viewer is restricted."""

ChatSettings = dict[str, Any]
_FIELDS: Mapping[str, type] = {
    "chatAvailableCondition": str,
    "chatAvailableGroup": str,
    "minFollowerMinute": int,
    "allowSubscriberInFollowerMode": bool,
    "chatSlowModeSec": int,
    "chatEmojiMode": bool,
}


async def notice(account: Account, text: str) -> None:
    """Pin a notice above the chat."""
    await account.call("POST", NOTICE, body={"message": text})


async def chat_settings(account: Account) -> ChatSettings:
    """Return who may write in the chat and how often."""
    content = await account.call("GET", CHAT_SETTINGS)
    found = {name: content[name] for name, kind in _FIELDS.items() if type(content.get(name)) is kind}
    if "chatSlowModeSec" not in found:
        raise unreadable()
    return found


async def change_settings(account: Account, settings: ChatSettings) -> None:
    """Change who may write in the chat and how often; the settings are those that were read, with some changed."""
    await account.call("PUT", CHAT_SETTINGS, body=settings)


async def blind(account: Account, line: ChatMessage) -> None:
    """Hide a line in the chat.

    Raises:
        BadRequest: the account is not the streamer's.
        NotFound: the line is not there any more.
    """
    where = {"chatChannelId": line.chat_channel_id, "senderChannelId": line.author_id}
    await account.call("POST", BLIND, body={**where, "messageTime": round((line.sent_at or 0.0) * 1000)})


async def restrict(account: Account, line: ChatMessage) -> None:
    """Keep the author of a line from writing for a minute; all that the author wrote is hidden.

    Raises:
        BadRequest: it is a manager, or somebody who is restricted already.
    """
    await account.call(
        "POST", RESTRICT, body={"targetChannelId": line.author_id, "chatChannelId": line.chat_channel_id}
    )
