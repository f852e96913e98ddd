"""``alert.webhook``: calls the operator through a chat program or any other server that takes a POST."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Literal, Never
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from reactivex import Observable, never

from nodes import node
from nodes.alert._bell import NotDelivered, Ringing, lines, ringing
from nodes.loopback import is_confidential, is_loopback
from nodes.phrases import phrase
from nodes.services import Alarms, Clock, Jobs, Log
from schemas.alarm import Alarm

PATIENCE_S = 10.0
DISCORD_MOST = 2000
"""Discord takes at most this many characters (https://docs.discord.com/developers/resources/webhook)."""
_DISCORD = (".discord.com", ".discordapp.com")


class Webhook(Ringing):
    """Settings of ``alert.webhook``."""

    url: SecretStr = Field(
        SecretStr(""),
        title="Webhook address",
        description="Address of the webhook: ${ALERT_WEBHOOK_URL:-}. Empty: nothing is sent.",
    )
    form: Literal["auto", "discord", "json"] = Field(
        "auto",
        title="Form of the report",
        description="Form of what is sent. auto: discord for an address of Discord, else json.",
    )

    @field_validator("url")
    @classmethod
    def _secure(cls, url: SecretStr) -> SecretStr:
        """The address of a webhook is its password, so it must not be sent unencrypted over a network."""
        address = url.get_secret_value().strip()
        if address and not is_confidential(address):
            raise ValueError(phrase("it must be an address that begins with https://"))
        return SecretStr(address)


@node("alert.webhook")
def webhook(config: Webhook, *, alarms: Alarms, jobs: Jobs, clock: Clock, log: Log) -> Observable[Never]:
    """Send a message to a webhook when a node keeps failing, the chat is lost, or a model's day is nearly used up.

    Off without a ``url``. As Discord takes it, or as JSON: ``{"source": "aischoco", "alarms": [{"kind": "chat",
    "node": "chzzk", "text": "...", "over": false}]}``, by POST. What is over within ``after_s`` is not sent, the same
    at most once in ``every_s``; what was sent and is over is sent too. A message that fails is tried again.
    """
    url = config.url.get_secret_value()
    if not url:
        return never()

    async def deliver(some: Sequence[Alarm]) -> None:
        await jobs.thread(import_module, "aiohttp")  # takes 0.3 s, which would block the loop
        await _post(url, discord(some) if is_discord(config) else plain(some))

    return ringing(config, deliver, alarms=alarms, jobs=jobs, clock=clock, log=log)


def is_discord(config: Webhook) -> bool:
    """Return whether to send messages as Discord takes them."""
    host = f".{urlsplit(config.url.get_secret_value()).hostname}"
    return config.form == "discord" or (config.form == "auto" and host.endswith(_DISCORD))


def discord(alarms: Sequence[Alarm]) -> dict[str, Any]:
    """Return a message that mentions nobody."""
    return {"content": lines(alarms)[:DISCORD_MOST], "allowed_mentions": {"parse": []}}


def plain(alarms: Sequence[Alarm]) -> dict[str, Any]:
    """Return the alarms as they are."""
    told = [{"kind": each.kind, "node": each.node, "text": each.text, "over": each.over} for each in alarms]
    return {"source": "aischoco", "alarms": told}


async def _post(url: str, message: Mapping[str, Any]) -> None:
    import aiohttp

    problem = ""
    try:
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        outside = not is_loopback(urlsplit(url).hostname)
        async with (
            aiohttp.ClientSession(trust_env=outside, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
            http.post(url, json=message, allow_redirects=False) as answer,
        ):
            if answer.status < 300:
                return
            problem = f"HTTP {answer.status}"
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        problem = type(error).__name__
    # raised out here: errors hold the URL
    raise NotDelivered(phrase("Check the address of the webhook ({problem}).", problem=problem))
