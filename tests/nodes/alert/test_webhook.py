"""``alert.webhook`` against a server on this machine."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from reactivex.disposable import Disposable

from graphs.engine.flow.instance import Instance
from nodes.alert import webhook as module
from nodes.alert.webhook import Webhook, discord, is_discord, plain
from nodes.services import Alarms
from schemas.alarm import Alarm
from tests.harness import Ran, run

LOST = Alarm("chat", "chzzk", "치지직 채팅에 다시 연결하고 있습니다.")


def sent(url: str, alarm: Alarm = LOST, **settings: Any) -> tuple[Ran, list[Any]]:
    """Run the node with one alarm at 1 s; return what it did and what it posted."""
    posted: list[Any] = []

    async def post(_: str, message: Any) -> None:
        posted.append(message)

    async def during(_: Instance) -> None:
        await asyncio.sleep(1.0)
        followers[-1](alarm)

    followers: list[Any] = [lambda _: None]

    class Followed:
        def follow(self, take: Any) -> Any:
            followers.append(take)
            return Disposable(followers.pop)

    lent = {Alarms: Followed()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_post", post)
        ran = run("alert.webhook", {}, settings={"url": url, **settings}, until=100.0, during=during, services=lent)
    assert len(followers) == 1, "it follows no alarms after its end"
    return ran, posted


def test_an_alarm_goes_to_the_webhook() -> None:
    ran, posted = sent("https://hooks.test/x")
    assert ran.error is None
    assert posted == [plain([LOST])]


def test_it_is_off_without_an_address() -> None:
    ran, posted = sent("")
    assert (ran.error, posted) == (None, [])
    assert Webhook().url.get_secret_value() == ""


@pytest.mark.parametrize(
    ("url", "form", "expected"),
    [
        ("https://discord.com/api/webhooks/1/x", "auto", True),
        ("https://ptb.discord.com/api/webhooks/1/x", "auto", True),
        ("https://discordapp.com/api/webhooks/1/x", "auto", True),
        ("https://notdiscord.com/api/webhooks/1/x", "auto", False),
        ("https://example.org/discord.com", "auto", False),
        ("https://discord.com/api/webhooks/1/x", "json", False),
        ("https://example.org/x", "discord", True),
    ],
)
def test_the_form_follows_from_the_address_unless_it_is_set(url: str, form: Any, expected: bool) -> None:
    assert is_discord(Webhook(url=url, form=form)) is expected  # type: ignore[arg-type]


def test_a_message_for_discord_is_short_enough_and_mentions_nobody() -> None:
    message = discord([Alarm("node", "a", "@everyone " + "x" * 3000)])
    assert len(message["content"]) == 2000
    assert message["allowed_mentions"] == {"parse": []}
    assert json.loads(json.dumps(message)) == message


@pytest.mark.parametrize("url", ["http://example.org/x", "ftp://example.org", "example.org", "https://", "//x"])
def test_an_address_that_would_be_sent_in_the_clear_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https://로"):
        Webhook(url=url)  # type: ignore[arg-type]


def test_the_real_request_and_each_way_in_which_it_fails() -> None:
    async def main() -> None:
        taken: list[Any] = []
        status = 204

        async def take(request: web.Request) -> web.Response:
            taken.append((request.content_type, await request.json()))
            headers = {"Location": "/elsewhere"} if status == 302 else {}
            return web.Response(status=status, headers=headers)

        app = web.Application()
        app.router.add_post("/hook", take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        url = f"http://127.0.0.1:{port}/hook"
        await module._post(url, plain([LOST]))
        assert taken == [("application/json", plain([LOST]))]
        for status in (302, 404, 429, 500):
            with pytest.raises(module.NotDelivered, match=f"HTTP {status}"):
                await module._post(url, plain([LOST]))
        await runner.cleanup()
        with pytest.raises(module.NotDelivered) as refused:
            await module._post(url, plain([LOST]))
        assert str(port) not in str(refused.value)

    asyncio.run(main())


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            held.append(writer)

        held: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(hold, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setattr(module, "PATIENCE_S", 0.05)
        with pytest.raises(module.NotDelivered, match="Timeout"):
            await module._post(f"http://127.0.0.1:{port}/", {})
        for writer in held:
            writer.close()
        server.close()
        await server.wait_closed()

    asyncio.run(main())
