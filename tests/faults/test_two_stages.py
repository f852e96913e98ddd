"""Two shows on one machine, of which one has no VTube Studio: the stage of the other one stays its own."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.show import Show
from tests.nodes.avatar.stage_stand import Plug
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.timeout(180)]

CONNECTED = "아바타에 연결했어요"
WHO = {"pluginName": "AIsChoco", "pluginDeveloper": "AIsChoco"}


def without_a_stage(root: Path) -> None:
    """Leave out the stage: the avatar is at ``STAGE_PORT``, and looked for if it is not there."""
    demo = (root / "graphs" / "demo.yaml").read_text(encoding="utf-8").replace(", discover: false", "")
    lines = [line for line in demo.splitlines() if not line.startswith("  stage:")]
    (root / "graphs" / "other.yaml").write_text("\n".join(lines), encoding="utf-8")


def other_show(folder: Path, port: int) -> Show:
    return Show(folder, "graphs/other.yaml", prepare=without_a_stage, env={"STAGE_PORT": str(port)})


async def still_allowed(port: int, token: str) -> bool:
    async with aiohttp.ClientSession() as http, http.ws_connect(f"ws://127.0.0.1:{port}") as link:
        return (await Plug(link).ask("Authentication", authenticationToken=token, **WHO))["authenticated"]


def test_a_show_without_vtube_studio_is_told_of_the_stage_of_another_show_and_leaves_it_alone(tmp_path: Path) -> None:
    with Show(tmp_path / "first") as first:
        kept = first.root / "config" / "stage_tokens.json"
        first.until(lambda: CONNECTED in first.log and kept.exists())
        allowed = json.loads(kept.read_text(encoding="utf-8"))
        with other_show(tmp_path / "other", free_port()) as other:
            other.until(lambda: "다른 방송의 아바타 무대" in other.log, 60.0)
            assert CONNECTED not in other.log
            assert not (other.root / "config" / "vts_token.txt").exists()
        assert json.loads(kept.read_text(encoding="utf-8")) == allowed
        assert first.log.count(CONNECTED) == 1


def test_two_shows_that_move_one_stage_do_not_void_the_tokens_of_each_other(tmp_path: Path) -> None:
    port = free_port()
    with Show(tmp_path / "first", env={"STAGE_PORT": str(port)}) as first:
        first.until(lambda: CONNECTED in first.log)
        with other_show(tmp_path / "other", port) as other:
            other.until(lambda: CONNECTED in other.log)
            for show in (first, other):
                _, token = (show.root / "config" / "vts_token.txt").read_text(encoding="utf-8").split()
                assert asyncio.run(still_allowed(port, token))
