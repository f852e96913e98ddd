"""Third-party plugins against the stage: npm ``vtubestudio`` with ``ws``, unmodified pyvts, and strict coovts."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes import FakeWeb
from tests.nodes.avatar.stage_stand import Stand

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(420)]

HERE = Path(__file__).parent / "vts_clients"
PYVTS = ["pyvts==0.3.3", "websockets>=15", "aiofiles>=24"]
"""No opencv-python (250 MB, and libraries that servers lack), which pyvts imports for one icon helper."""

COOVTS = "coovts==0.1.0"
NEWER = ("python3.14", "python3.13", "python3.12")
"""coovts needs Python 3.12."""


def newer_python() -> str:
    """Find a working Python of at least 3.12, or skip the test."""
    homes = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"), reverse=True)
    for python in [sys.executable, *map(str, homes), *(found for name in NEWER if (found := shutil.which(name)))]:
        asked = [python, "-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))"]
        if subprocess.run(asked, capture_output=True, timeout=30, check=False).returncode == 0:
            return python
    pytest.skip("coovts needs Python 3.12 or later, and there is none")


def installed(command: list[str], folder: Path) -> None:
    """Run an installer, or skip the test with the reason."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{Path(command[0]).name} took more than 180 s")
    if done.returncode:
        pytest.skip(f"{Path(command[0]).name} failed: {done.stderr.strip().splitlines()[-1:]}")


async def ran(*command: str, cwd: Path) -> list[str]:
    """Return the lines that a plugin prints; it must end successfully."""
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 120)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    lines = said.decode().splitlines()
    assert process.returncode == 0, "\n".join(line for line in lines if '"ok":true' not in line)
    return lines


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[tuple[Stand, FakeWeb, str]]:
    web = FakeWeb()
    stand = Stand(web, tmp_path)
    yield stand, web, await stand.start()
    await stand.stop()


async def allow(web: FakeWeb) -> None:
    """Act as the person at the page: allow the plugin that asks."""
    page = web.opened("/ws/stage").connect("person")
    while True:
        for told in page:
            if isinstance(told, dict) and told.get("prompt"):
                web.open["post", "/api/stage/allow"]({"id": told["prompt"]["id"], "allow": True})
                web.opened("/ws/stage").leave("person")
                return
        await asyncio.sleep(0.05)


async def test_every_call_and_event_of_vtubestudio_js_and_a_second_run_without_a_prompt(
    stage: tuple[Stand, FakeWeb, str], tmp_path: Path
) -> None:
    _, web, url = stage
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("node and npm are not installed")
    for name in ("package.json", "all_calls.js"):
        shutil.copy(HERE / name, tmp_path)
    await asyncio.to_thread(
        installed, [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"], tmp_path
    )
    lines, _ = await asyncio.gather(ran(node, "all_calls.js", url, "", cwd=tmp_path), allow(web))
    told: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert told[-1] == {"done": True, "failed": 0}
    assert sum("ok" in line for line in told) == 64
    token = next(line["token"] for line in told if "token" in line)
    again = await ran(node, "all_calls.js", url, token, cwd=tmp_path)
    assert json.loads(again[-1]) == {"done": True, "failed": 0}
    assert not any("token" in json.loads(line) for line in again)


async def test_unmodified_pyvts_logs_in_and_makes_all_its_calls(
    stage: tuple[Stand, FakeWeb, str], tmp_path: Path
) -> None:
    _, web, url = stage
    folder = tmp_path / "venv"
    await asyncio.to_thread(venv.create, folder, with_pip=False)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--quiet", *PYVTS]
    await asyncio.to_thread(installed, command, tmp_path)
    port = url.rpartition(":")[2]
    lines, _ = await asyncio.gather(ran(str(python), str(HERE / "pyvts_calls.py"), port, cwd=tmp_path), allow(web))
    assert lines[-1] == "all 20 calls answered"
    assert (await ran(str(python), str(HERE / "pyvts_calls.py"), port, cwd=tmp_path))[-1] == "all 20 calls answered"


async def test_every_call_and_event_of_coovts_fits_its_models_to_the_letter(
    stage: tuple[Stand, FakeWeb, str], tmp_path: Path
) -> None:
    _, web, url = stage
    folder = tmp_path / "venv"
    newer = await asyncio.to_thread(newer_python)
    await asyncio.to_thread(installed, [newer, "-m", "venv", str(folder)], tmp_path)
    python = str(folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    await asyncio.to_thread(installed, [python, "-m", "pip", "install", "--quiet", COOVTS], tmp_path)
    script = str(HERE / "coovts_calls.py")
    lines, _ = await asyncio.gather(ran(python, script, url, cwd=tmp_path), allow(web))
    told: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert told[-1] == {"done": True, "failed": 0}
    assert sum("ok" in line for line in told) == 68
    token = next(line["token"] for line in told if "token" in line)
    again = [json.loads(line) for line in await ran(python, script, url, token, cwd=tmp_path)]
    assert again[-1] == {"done": True, "failed": 0}
    assert not any("token" in line for line in again)
