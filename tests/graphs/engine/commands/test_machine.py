import asyncio
import contextlib
import shutil
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from importlib import metadata

import pytest
from aiohttp import web

from graphs.engine.commands import _machine
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.server import LocalWeb
from nodes.exams import Finding
from tests.harness import ROOT


def test_an_old_python_is_red():
    assert _machine.python().ok
    old = _machine.python((3, 10, 4))
    assert not old.ok
    assert "3.10.4" in old.what
    assert old.remedy


@pytest.fixture
def wanted(tmp_path):
    text = "# comment\nnumpy>=2.2,<3   # why\npyyaml==6.0.2\n\n-r other.txt\nplain\nabc~=1.4\n"
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    return tmp_path


def versions(**known):
    def version(name):
        if name not in known:
            raise metadata.PackageNotFoundError(name)
        return known[name]

    return version


GOOD = {"numpy": "2.3.1", "pyyaml": "6.0.2", "plain": "1", "abc": "1.5.post1"}


def test_packages_in_the_versions_that_are_named_are_green(wanted):
    found = _machine.packages(wanted, versions(**GOOD))
    assert found.ok
    assert found.what.endswith(": 4")


@pytest.mark.parametrize(
    ("name", "version", "told"),
    [
        ("numpy", "3.0", "numpy 3.0 (>=2.2,<3)"),
        ("numpy", "2.1.9", "numpy 2.1.9"),
        ("pyyaml", "6.0.3", "pyyaml 6.0.3"),
        ("abc", "1.3", "abc 1.3"),
    ],
)
def test_a_package_in_another_version_is_named(wanted, name, version, told):
    found = _machine.packages(wanted, versions(**{**GOOD, name: version}))
    assert not found.ok
    assert told in found.what
    assert "pip install -r requirements.txt" in found.remedy


def test_a_package_that_is_missing_is_named(wanted):
    found = _machine.packages(wanted, versions(numpy="2.3"))
    assert "plain 없음" in found.what


def test_the_packages_of_this_project_are_as_required():
    from tests.harness import ROOT

    assert _machine.packages(ROOT).ok


def test_a_folder_without_requirements_asks_for_nothing(tmp_path):
    assert _machine.packages(tmp_path).ok


def test_a_package_that_another_system_needs_is_not_asked_for(tmp_path):
    text = (
        "numpy>=2; sys_platform != 'amiga'\nnumpy<2; sys_platform == 'amiga'  # why\nradio; sys_platform == 'amiga'\n"
    )
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    found = _machine.packages(tmp_path, versions(**GOOD))
    assert found.ok
    assert found.what.endswith(": 1")
    assert not _machine.packages(tmp_path, versions(**{**GOOD, "numpy": "1.26"})).ok


def test_what_this_project_asks_for_is_installed_here():
    assert _machine.packages(ROOT) == Finding(True, _machine.packages(ROOT).what)


def test_a_full_disk_is_red(tmp_path):
    assert _machine.disk(tmp_path, lambda _: (10**12, 0, 5 * 10**9)).ok
    full = _machine.disk(tmp_path, lambda _: (10**12, 0, 2 * 10**8))
    assert not full.ok
    assert "0.2 GB" in full.what


HERE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def date(moment):
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_the_clock_is_judged_by_what_servers_say():
    assert _machine.clock([(date(HERE), HERE)])[0].ok
    fast = _machine.clock([(date(HERE - timedelta(seconds=90)), HERE)])[0]
    assert not fast.ok
    assert "90초 빠름" in fast.what
    assert "느림" in _machine.clock([(date(HERE + timedelta(hours=1)), HERE)])[0].what


def test_one_server_with_a_wrong_clock_does_not_count_against_the_right_ones():
    assert _machine.clock([(date(HERE + timedelta(days=1)), HERE), (date(HERE), HERE)])[0].ok


def test_without_a_date_nothing_is_said_of_the_clock():
    assert _machine.clock([]) == _machine.clock([("", HERE), ("yesterday", HERE)]) == []


def test_an_env_file_that_can_be_read_is_green_and_none_too(tmp_path):
    assert _machine.env_file(tmp_path).ok
    (tmp_path / ".env").write_text("A=1\n", encoding="utf-8")
    assert _machine.env_file(tmp_path).ok


def test_an_env_file_in_another_encoding_is_red(tmp_path):
    (tmp_path / ".env").write_bytes("A=한글".encode("cp949"))
    found = _machine.env_file(tmp_path)
    assert not found.ok
    assert "UTF-8" in found.remedy


@pytest.mark.parametrize("name", [".env.txt", "env.txt", "env"])
def test_an_env_file_under_another_name_is_red_with_the_name(tmp_path, name):
    (tmp_path / name).write_text("A=1\n", encoding="utf-8")
    found = _machine.env_file(tmp_path)
    assert not found.ok
    assert f"{name}의 이름을 .env로" in found.remedy
    (tmp_path / ".env").write_text("A=1\n", encoding="utf-8")
    assert _machine.env_file(tmp_path).ok


def test_an_env_file_that_is_a_folder_is_red(tmp_path):
    (tmp_path / ".env").mkdir()
    assert not _machine.env_file(tmp_path).ok


def test_an_env_file_in_git_is_red(tmp_path):
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    (tmp_path / ".env").write_text("A=1\n", encoding="utf-8")
    subprocess.run([git, "init", "-q", str(tmp_path)], check=True)
    assert _machine.env_file(tmp_path).ok
    subprocess.run([git, "-C", str(tmp_path), "add", ".env"], check=True)
    found = _machine.env_file(tmp_path)
    assert not found.ok
    assert "git rm --cached .env" in found.remedy


def test_without_git_nothing_is_in_git(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("A=1\n", encoding="utf-8")
    monkeypatch.setattr(_machine.shutil, "which", lambda _: None)
    assert _machine.env_file(tmp_path).ok
    monkeypatch.setattr(_machine.shutil, "which", lambda _: str(tmp_path / "none"))
    assert _machine.env_file(tmp_path).ok


async def served(answer):
    """A web server whose /health answers so: (runner, port)."""
    app = web.Application()
    app.router.add_get("/health", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]


def test_a_port_that_is_free_is_green_and_one_of_another_program_is_red():
    async def main():
        async def other(_):
            return web.Response(text="hello")

        runner, port = await served(other)
        try:
            taken = await _machine.page({}, "127.0.0.1", port)
        finally:
            await runner.cleanup()
        return taken, await _machine.page({"OVERLAY_PORT": str(port)}, "127.0.0.1", 1)

    taken, free = asyncio.run(main())
    assert not taken.ok
    assert "OVERLAY_PORT" in taken.remedy
    assert free.ok


def test_the_port_of_our_own_running_show_is_green():
    async def main():
        ours = LocalWeb("127.0.0.1", 0, EngineLog(quiet=True))
        await ours.start()
        try:
            return await _machine.page({}, "127.0.0.1", ours._port)
        finally:
            await ours.stop()

    found = asyncio.run(main())
    assert found.ok
    assert "방송 중" in found.what


def test_a_program_that_does_not_answer_is_not_ours(monkeypatch):
    monkeypatch.setattr(_machine, "ASK_S", 0.05)

    async def main():
        with socket.create_server(("127.0.0.1", 0)) as silent:
            return await _machine.page({}, "127.0.0.1", silent.getsockname()[1])

    assert not asyncio.run(main()).ok


@pytest.mark.parametrize(("port", "ok"), [("0", True), ("many", False), ("70000", False)])
def test_ports_that_are_no_ports(port, ok):
    assert asyncio.run(_machine.page({"OVERLAY_PORT": port}, "127.0.0.1", 1)).ok is ok


@contextlib.asynccontextmanager
async def show(state=None):
    """Our web server; ``state`` is what it says about the overlay, if there is one."""
    ours = LocalWeb("127.0.0.1", 0, EngineLog(quiet=True))
    if state is not None:
        ours.get("/api/state", lambda _: state)
    await ours.start()
    try:
        yield ours._port
    finally:
        await ours.stop()


@pytest.mark.parametrize(
    ("state", "ok"), [({"pages": 2}, True), ({"pages": 0}, False), ({}, None), ([], None), (None, None)]
)
def test_a_running_show_tells_whether_a_page_is_connected_to_it(state, ok):
    async def main():
        async with show(state) as port:
            return await _machine.connected({"OVERLAY_PORT": str(port)}, "0.0.0.0", 1), port

    found, port = asyncio.run(main())
    assert (None if found is None else found.ok) is ok
    if ok is False:
        assert f"http://127.0.0.1:{port}/?obs" in found.remedy
        assert "브라우저 소스" in found.remedy


@pytest.mark.parametrize("port", ["1", "0", "many"])
def test_where_no_show_runs_no_page_is_missed(port):
    assert asyncio.run(_machine.connected({"OVERLAY_PORT": port}, "127.0.0.1", 1)) is None


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path, monkeypatch):
    assert _machine.folder(tmp_path) is None
    (tmp_path / "history").mkdir()

    def refused(dir):
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr(_machine, "TemporaryFile", refused)
    found = _machine.folder(tmp_path)
    assert found is not None
    assert not found.ok
    assert str(tmp_path / "history") in found.what
    assert "쓸 수 있는 폴더" in found.remedy
