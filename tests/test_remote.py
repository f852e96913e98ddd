"""What assets/dock says about buttons and scripts is true: its lines run as they stand, and its OpenAPI text holds."""

import asyncio
import contextlib
import copy
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from aiohttp import ClientSession

from graphs.engine.broadcast import Broadcast, on_air
from graphs.engine.language.read import read_graph
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.log.run_log import RunLog
from graphs.engine.web.access import slowed
from graphs.engine.web.remote import PATHS
from nodes.overlay._dock_orders import LONGEST_SAYING
from schemas.reply import EMOTIONS
from tests.fuzz.http import REMOTE
from tests.harness import ROOT
from tests.test_readme import PAIRS, blocks, text

ENGLISH, KOREAN = next(pair for pair in PAIRS if pair[0].startswith("assets/dock"))
KEY = "long-enough-key"
ORDERS = {"skip", "approve", "reject", "unsay", "stop", "pause", "approving", "mute", "say", "feel", "talk", "listen"}
GRAPH = """\
name: {name}
nodes:
  typed: {{type: chat.typed}}
  parse: {{type: chat.parse, in: typed}}
  batch: {{type: chat.batch, in: parse, quiet_s: 0.05, max_wait_s: 0.1}}
  dock: {{type: overlay.dock, batch: batch, reply: split.sentence}}
  reply: {{type: reply.canned, in: dock.batch}}
  split: {{type: reply.split, in: [reply, dock.said]}}
"""


class Air(NamedTuple):
    on: Broadcast
    client: ClientSession

    async def order(self, path: str, body: Any, key: str = KEY) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        async with self.client.post(self.on.web.url + path, data=json.dumps(body), headers=headers) as answer:
            return answer.status, await answer.json()


@contextlib.asynccontextmanager
async def air(root: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Air]:
    monkeypatch.chdir(root)
    monkeypatch.setattr("graphs.engine.web.remote.AT_ONCE", 10_000)
    folder = root / "graphs"
    folder.mkdir()
    file = folder / "remote.yaml"
    (root / "assets").symlink_to(ROOT / "assets")
    (root / "config").symlink_to(ROOT / "config")
    for name in ("remote", "silent"):
        (folder / f"{name}.yaml").write_text(GRAPH.format(name=name), encoding="utf-8")
    read = partial(read_graph, root=root)
    env = {"OVERLAY_PORT": "0", "REMOTE_KEY": KEY}
    journal = root / "journal.jsonl"
    log = EngineLog(quiet=True)
    async with (
        on_air(read(file), file, read, root=root, env=env, log=log, journal=journal) as on,
        ClientSession() as client,
    ):
        yield Air(on, client)


def lines(name: str) -> list[str]:
    """Return the curl lines of a document."""
    return [line for block in blocks(name, "bat") for line in block.splitlines() if line.startswith("curl ")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="the lines are for curl")
def test_the_lines_of_the_document_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (header,) = blocks(ENGLISH, "text")
    (said,) = blocks(ENGLISH, "json")
    (tmp_path / "say.json").write_text(said, encoding="utf-8")

    async def run(on: Broadcast, line: str) -> Any:
        port = on.web.url.rpartition(":")[2]
        done = await asyncio.to_thread(
            subprocess.run,
            ["sh", "-c", line.replace(":8765/", f":{port}/").replace("curl ", "curl -sS --noproxy '*' ", 1)],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    async def story() -> list[Any]:
        async with air(tmp_path, monkeypatch) as side:
            await run(side.on, lines(ENGLISH)[0])  # the header does not hold the key yet
            for end in ("\n", "\r\n"):
                told = [line.replace("LONG", KEY) for line in header.splitlines()]
                (tmp_path / "curl.key").write_bytes("".join(line + end for line in told).encode())
                answers = [await run(side.on, line) for line in lines(ENGLISH)]
            return answers

    (tmp_path / "curl.key").write_text(header, encoding="utf-8")
    answers = asyncio.run(story())
    assert len(answers) > 10
    assert [answer for answer in answers if "done" not in answer and not answer.get("accepted")] == []
    assert sum(answer.get("done") is False for answer in answers) == 6, (
        "nothing to skip (twice), approve, reject; no mic"
    )


def test_both_documents_have_the_same_lines_and_the_hotkey_is_one_of_them() -> None:
    for language in ("bat", "text", "json", "ahk"):
        assert blocks(ENGLISH, language) == blocks(KOREAN, language)
    (hotkey,) = blocks(ENGLISH, "ahk")
    pressed = re.fullmatch(r"F8::Run '(.+)', '.+', 'Hide'\n", hotkey)
    assert pressed
    assert pressed[1] in lines(ENGLISH)
    assert all(line.startswith("curl -K curl.key -d ") for line in lines(ENGLISH))
    pressed_or_said = "".join(lines(ENGLISH) + blocks(ENGLISH, "json")).replace("\\", "").replace(" ", "")
    for order in ORDERS - {"unsay"}:  # that one needs the id of what is to be said, which no button knows
        assert f"`{order}`" in text(ENGLISH)
        assert f'"order":"{order}"' in pressed_or_said, f"no line shows {order}"


def test_a_thousand_orders_from_strangers_change_nothing_are_told_once_each_and_the_show_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(RunLog, "warning", lambda _, text, **__: told.append(text))
    foreign = {"Authorization": f"Bearer {KEY}", "Origin": "https://evil.example"}
    statuses: Counter[tuple[str, int]] = Counter()

    async def attack(side: Air, who: str) -> None:
        for number in range(250):
            stranger = {"Authorization": f"Bearer guess number {number}"}
            headers = {"foreign": foreign, "guesses": stranger, "keyless": {}, "no token": {"X-Token": "old"}}[who]
            async with side.client.post(
                f"{side.on.web.url}/api/dock",
                data='{"order":"stop"}',
                headers={"Content-Type": "application/json", **headers},
            ) as answer:
                statuses[who, answer.status] += 1

    async def story() -> None:
        async with air(tmp_path, monkeypatch) as side:
            url, page = side.on.web.url, {"X-Token": side.on.web.token}
            attacks = [attack(side, who) for who in ("foreign", "guesses", "keyless", "no token")]
            attacked = asyncio.gather(*attacks)
            async with side.client.post(f"{url}/api/say", json={"text": "안녕"}, headers=page) as said:
                which = (await said.json())["id"]
            await attacked
            async with side.client.post(f"{url}/api/dock", json={"order": "mute", "to": True}, headers=page) as muted:
                assert await muted.json() == {"done": True}, "the dock works as before"
            while (verdict := side.on.runtime.ledger.verdict(which)) is None:
                await asyncio.sleep(0.02)
            assert verdict.turn, "nothing was stopped"
            status, answer = await side.order("/api/dock", {"order": "stop"})
            assert (status, answer["error"]) == (429, slowed()), "after so many guesses no key is compared"

    asyncio.run(story())
    assert {who: {status for each, status in statuses if each == who} for who, _ in statuses} == {
        "foreign": {403},
        "guesses": {403, 429},
        "keyless": {403},
        "no token": {403},
    }
    assert statuses.total() == 1000
    assert statuses["guesses", 403] < 20
    refused = [line for line in told if "/api/dock" in line and "127.0.0.1" in line]
    assert len(refused) == len(set(refused)) == 4, "a foreign page, a wrong key, no key, too many wrong keys"
    assert not any(KEY in line or "guess number" in line for line in told)


# The OpenAPI text.

TEXT: dict[str, Any] = yaml.safe_load(REMOTE.read_text(encoding="utf-8"))


def schemas(path: str) -> list[Mapping[str, Any]]:
    schema = TEXT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return schema.get("oneOf", [schema])


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference leads to."""
    found: Any = TEXT
    for name in schema.get("$ref", "#").split("/")[1:]:
        found = found[name]
    return found if "$ref" in schema else schema


def values(schema: Mapping[str, Any]) -> list[Any]:
    """Return values at the edges of what a field may be."""
    schema = resolved(schema)
    if schema["type"] == "boolean":
        return [True, False]
    if "enum" in schema:
        return list(schema["enum"])
    if schema["type"] == "number":
        return [0.001, schema["maximum"], *[None] * schema.get("nullable", False)]
    return ["가" * size for size in (schema.get("minLength", 1), schema.get("maxLength", 1))]


def others(schema: Mapping[str, Any]) -> list[Any]:
    """Return values beyond those edges."""
    schema = resolved(schema)
    if schema["type"] == "number":
        return [schema["minimum"], schema["maximum"] + 1, True, "1", [], {}]
    strange: list[Any] = [1, [], {}] if schema.get("nullable") else [None, 1, [], {}]
    if schema["type"] == "string":
        strange += [True] + ([] if "minLength" not in schema else ["", "가" * (schema["maxLength"] + 1)])
        strange += ["none of them"] if "enum" in schema else []
    return strange if schema["type"] == "string" else [*strange, "true"]


def permitted(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield bodies that the text permits: each value of each field, with and without what may be left out."""
    fields = schema["properties"]
    first = {name: values(fields[name])[0] for name in fields}
    needed = {name: first[name] for name in schema.get("required", ())}
    yield needed
    yield {**first, "unknown": 1}
    for name, field in fields.items():
        for value in values(field):
            yield {**needed, name: value}


def forbidden(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield bodies that the text forbids: a field too little, or one that is wrong."""
    (full, *_) = permitted(schema)
    for name in schema.get("required", ()):
        yield {key: value for key, value in full.items() if key != name}
    for name, field in schema["properties"].items():
        for value in others(field):
            yield {**copy.deepcopy(full), name: value}


def fits(answer: Any, responses: Mapping[str, Any], status: int) -> bool:
    """Whether the text has this answer: its status, what it must hold, and nothing else."""
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    types = {"boolean": bool, "string": str, "integer": int}
    known = {name: types[field["type"]] for name, field in schema["properties"].items()}
    return set(schema["required"]) <= set(answer) <= set(known) and all(
        isinstance(value, known[name]) for name, value in answer.items()
    )


def test_the_text_permits_what_is_taken_and_forbids_what_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[Any] = []
    tried = 0

    async def story() -> None:
        nonlocal tried
        async with air(tmp_path, monkeypatch) as side:
            for path in TEXT["paths"]:
                for schema in schemas(path):
                    for wanted, bodies in ((200, permitted(schema)), (400, forbidden(schema))):
                        for body in bodies:
                            if path == "/api/reload" and wanted == 200 and "file" in body:
                                body["file"] = "silent.yaml"
                            if body.get("order") == "say" and wanted == 200:
                                await side.order("/api/dock", {"order": "stop"})  # at most so many sayings wait
                            status, answer = await side.order(path, body)
                            tried += 1
                            if body.get("undo") is True and status == 400:
                                continue  # there may be nothing to go back to
                            if status != wanted or not fits(answer, TEXT["paths"][path]["post"]["responses"], status):
                                wrong.append((path, body, status, answer))

    asyncio.run(story())
    assert wrong == []
    assert tried > 100


def test_the_text_has_all_orders_and_limits() -> None:
    assert set(TEXT["paths"]) == PATHS
    assert set(TEXT["components"]["schemas"]["Emotion"]["enum"]) == set(EMOTIONS)
    orders = {order for schema in schemas("/api/dock") for order in schema["properties"]["order"]["enum"]}
    assert orders == ORDERS
    (say,) = [schema for schema in schemas("/api/dock") if schema["properties"]["order"]["enum"] == ["say"]]
    assert say["properties"]["text"]["maxLength"] == LONGEST_SAYING
