"""Secrets on /settings: they go into .env, are shown nowhere, and a button tells whether they work."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Response

from tests.browser.forms import field, picture, says, settings
from tests.browser.test_lights import started
from tests.e2e.show import Show as Program
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]

WRONG = "gsk_" + "wrong0" * 4
RIGHT = "gsk_" + "right7" * 4
ANSWER = json.dumps('{"emotion": "happy", "response": "안녕하세요."}')
STREAM = 'data: {"choices": [{"index": 0, "delta": {"content": %s}, "finish_reason": %s}]}\n\n'


@asynccontextmanager
async def model() -> AsyncIterator[str]:
    """Run a language model that takes one key only; give its address."""

    async def chat(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {RIGHT}":
            return web.json_response({"error": {"message": "Invalid API Key", "code": "invalid_api_key"}}, status=401)
        said = STREAM % (ANSWER, "null") + STREAM % ('""', '"stop"') + "data: [DONE]\n\n"
        return web.Response(text=said, content_type="text/event-stream")

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"data": []})

    app = web.Application()
    app.add_routes([web.post("/v1/chat/completions", chat), web.get("/v1/models", models)])
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/v1"))


def told_in(program: Program, secret: str) -> list[str]:
    """Return the files of the project that hold the secret, and the log if it does."""
    files = [path for path in program.root.rglob("*") if path.is_file() and not path.is_symlink()]
    found = [str(path.relative_to(program.root)) for path in files if secret.encode() in path.read_bytes()]
    return found + ["log"] * (secret in program.log)


async def test_a_key_goes_to_env_alone_and_a_button_tells_whether_it_works(browser: Browser, tmp_path: Path) -> None:
    async with model() as address:
        ports = {"VTS_PORT": str(free_port()), "HF_HUB_OFFLINE": "1"}
        with await started(tmp_path, "graphs/live.yaml", env={"GROQ_BASE_URL": address, **ports}) as program:
            (program.root / ".env").write_text("# 내 열쇠\nOTHER=x # 남는 말\n", encoding="utf-8")
            page = await settings(browser, program, "answers")
            bodies: list[str] = []

            async def heard(response: Response) -> None:
                if "/api/" in response.url:
                    bodies.append(await response.text())

            page.on("response", heard)
            place = field(page, "reply", "api_key")
            assert "비어 있음" in await place.inner_text()
            await page.click("#try-reply")
            await says(page, "#try-reply ~ ul", "GROQ_API_KEY", 60)

            for secret, told in ((WRONG, "is-wrong"), (RIGHT, "is-fine")):
                await place.locator("button").first.click()
                box = place.locator("input[type=password]")
                await box.fill(secret)
                assert await page.evaluate("document.activeElement.type") == "password"
                await picture(page, "secret")
                await box.press("Enter")
                await box.wait_for(state="detached")
                assert ".env에 적어 두었어요" in await page.inner_text("#note")
                assert "설정됨" in await place.inner_text()
                await page.click("#try-reply")
                await page.wait_for_selector(f"#try-reply ~ ul li.{told}", timeout=60_000)
                await picture(page, f"checked-{told}")

            env = program.root / ".env"
            assert env.read_text("utf-8") == f"# 내 열쇠\nOTHER=x # 남는 말\nGROQ_API_KEY={RIGHT}\n"
            assert stat.S_IMODE(env.stat().st_mode) == 0o600
            await page.reload()
            await says(page, '.field[data-key="reply api_key"]', "설정됨")
            assert RIGHT not in await page.content()
            await asyncio.sleep(0)
            assert [body for body in bodies if RIGHT in body or WRONG in body or f'{RIGHT[-4:]}"' in body] == []
            assert told_in(program, RIGHT) == [".env"]
            assert told_in(program, WRONG) == []
            assert (program.root / "graphs" / "my.yaml").exists() is False, "the graph names the variable already"


async def test_a_key_that_the_graph_does_not_name_yet_is_named_there_and_stands_in_env(
    browser: Browser, tmp_path: Path
) -> None:
    def nameless(root: Path) -> None:
        graph = root / "graphs" / "live.yaml"
        text = graph.read_text("utf-8").replace('    api_key: "${GROQ_API_KEY:-}"\n', "")
        (root / "graphs" / "show.yaml").write_text(text, encoding="utf-8")

    env = {"VTS_PORT": str(free_port()), "HF_HUB_OFFLINE": "1", "GROQ_BASE_URL": "http://127.0.0.1:9/v1"}
    with await started(tmp_path, "graphs/show.yaml", env=env, prepare=nameless) as program:
        page = await settings(browser, program, "answers")
        place = field(page, "reply", "api_key")
        await place.locator("button").first.click()
        await place.locator("input[type=password]").fill(RIGHT)
        await place.get_by_text("저장", exact=True).click()
        await says(page, "#note", ".env에 적어 두었어요")
        assert told_in(program, RIGHT) == [".env"]
        assert '"${GROQ_API_KEY:-}"' in (program.root / "graphs" / "show.yaml").read_text("utf-8")
        assert "설정됨" in await place.inner_text()
