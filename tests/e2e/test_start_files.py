"""start.sh as a person starts it: in a folder with blanks, Hangul and brackets, and with each thing missing once."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graphs.engine.commands._starting.packages import LISTS, Packages
from tests.e2e.show import copy_of_the_project
from tests.harness import ROOT
from tests.ports import free_port

pytestmark = [
    pytest.mark.component,
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform == "win32", reason="start.bat is for there"),
]

FILES = ("start.sh", "start.command", *LISTS)
TOOLS = ("sh", "dirname", "uname", "cat", "env")
"""What start.sh and the stand-ins need besides a Python."""
NOWHERE = "http://127.0.0.1:9/"
"""Nothing listens there."""
OWN = re.compile(r"PIP_|UV_|VIRTUAL_ENV|PYTHON")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = copy_of_the_project(tmp_path / "made")
    for name in FILES:
        shutil.copy(ROOT / name, made)
    folder = tmp_path / "초코 시험 [1] (a)" / "아이 초코's & 집"
    folder.parent.mkdir()
    return made.rename(folder)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """The only folder of PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def script(file: Path, text: str) -> Path:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def python(tools: Path, hidden: str = "") -> None:
    """Put the Python of the tests on PATH, with what stands in ``hidden`` on its path first."""
    base = os.path.realpath(sys.executable)
    script(tools / "python3", f"exec env PYTHONPATH='{hidden}' '{base}' \"$@\"" if hidden else f"exec '{base}' \"$@\"")


def variables(tools: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not OWN.match(name)}
    ports = {"OVERLAY_PORT": str(free_port()), "STAGE_PORT": str(free_port()), "TTS_OUTPUT_DEVICE": "none"}
    home = tools.parent / "home"
    home.mkdir(exist_ok=True)
    return {**kept, **ports, "PATH": str(tools), "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", **more}


def started(project: Path, tools: Path, *words: str, user: str | None = None, **more: str) -> tuple[int, str]:
    """Start it, wait for its end; return (code, all that it said)."""
    done = subprocess.run(
        ["/bin/sh", str(project / "start.sh"), *words],
        cwd="/",
        env=variables(tools, **more),
        user=user,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=200,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8")


def refused(said: tuple[int, str], what: str, remedy: str) -> None:
    """Look that it ended with the sentence and the remedy, and nothing that frightens."""
    code, text = said
    assert code == 1, text
    line, after = re.findall(r"^\[안 됨\] (.+)\n +-> (.+)", text, re.M)[-1]
    assert re.search(what, line), text
    assert re.search(remedy, after), text
    assert "Traceback" not in text


def test_without_any_python(project: Path, tools: Path) -> None:
    refused(started(project, tools), "쓸 수 있는 파이썬이 없습니다", r"파이썬 3\.13")


def test_with_a_python_that_does_not_fit(project: Path, tools: Path, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 9, 18, 'final', 0)")
    python(tools, str(tmp_path / "old"))
    said = started(project, tools)
    refused(said, "쓸 수 있는 파이썬이 없습니다", r"파이썬 3\.13")
    assert "지금 있는 파이썬은 3.9입니다." in said[1]


def test_with_a_python_that_can_make_no_environment(project: Path, tools: Path, tmp_path: Path) -> None:
    (tmp_path / "less" / "venv").mkdir(parents=True)
    (tmp_path / "less" / "venv" / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'venv'\")")
    python(tools, str(tmp_path / "less"))
    refused(started(project, tools), "venv가 없습니다", "python3-venv")


def test_outside_of_its_folder(project: Path, tools: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(project / "start.sh", alone)
    refused(started(alone, tools), "프로그램의 파일이 없습니다", "압축을 모두 푼")


def test_without_a_network_pip_is_explained(project: Path, tools: Path) -> None:
    python(tools)
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": NOWHERE, "PIP_RETRIES": "1", "PIP_NO_CACHE_DIR": "1"}
    said = started(project, tools, **nowhere)
    refused(said, "인터넷에 연결되지 않아", "인터넷 연결")
    assert "history/start.log" in said[1]
    refused(started(project, tools, **nowhere), "인터넷에 연결되지 않아", "인터넷 연결")


def test_without_a_network_uv_is_explained(project: Path, tools: Path, tmp_path: Path) -> None:
    found = shutil.which("uv")
    if found is None:
        pytest.skip("uv is not installed")
    python(tools)
    (tools / "uv").symlink_to(found)
    said = started(project, tools, UV_DEFAULT_INDEX=NOWHERE, UV_CACHE_DIR=str(tmp_path / "cache"), UV_HTTP_RETRIES="0")
    refused(said, "인터넷에 연결되지 않아", "인터넷 연결")


def test_on_a_disk_without_space(project: Path, tools: Path, tmp_path: Path) -> None:
    small = tmp_path / "작은 디스크"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m", "small", small], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        shutil.copytree(project, small / "p", ignore=shutil.ignore_patterns("__pycache__", "fonts", "screenshots"))
        python(tools)
        refused(started(small / "p", tools), "디스크에 자리가 모자랍니다", "1 GB를 비우고")
    finally:
        subprocess.run(["umount", small], check=True)


def test_when_the_disk_fills_while_it_installs(project: Path, tools: Path) -> None:
    python(tools)
    script(tools / "uv", 'case $1 in venv) exec "$3" -m venv --without-pip "$4";; esac\necho "os error 28"; exit 2')
    refused(started(project, tools), "디스크에 자리가 모자랍니다", "1 GB를 비우고")


def test_in_a_folder_that_cannot_be_written(project: Path, tools: Path) -> None:
    if os.geteuid() != 0:
        project.chmod(0o555)
        python(tools)
        refused(started(project, tools), "이 폴더에 쓸 수 없습니다", "바탕 화면")
        project.chmod(0o755)
        return
    if (found := _of_everyone()) is None:
        pytest.skip("there is no Python that another user may run")
    script(tools / "python3", f'exec {found} "$@"')
    for folder in (tools, *tools.parents):
        if folder.owner() == "root" and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    refused(started(project, tools, user="nobody"), "이 폴더에 쓸 수 없습니다", "바탕 화면")


def _of_everyone() -> str | None:
    code = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"
    ran = subprocess.run(["/usr/bin/python3", "-c", code], user="nobody", capture_output=True, check=False)
    return "/usr/bin/python3" if ran.returncode == 0 else None


@pytest.fixture
def installed(project: Path, tools: Path) -> Path:
    """The project with the packages of the tests in its environment."""
    python(tools)
    environment = project / ".venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    (environment / "lib").symlink_to(Path(sys.prefix) / "lib")
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", environment)
    packages = Packages(project)
    (environment / "ready").write_text("\n".join(packages._now()), "utf-8")
    assert packages.ready()
    return project


def test_a_program_that_stops_is_explained(installed: Path, tools: Path) -> None:
    said = started(installed, tools, "--no-such-option")
    refused(said, r"프로그램이 멈췄습니다 \(코드 2\)", "바로 위에 쓰인 이유")
    assert "--no-such-option" in said[1]


def until(true: Callable[[], object], process: "subprocess.Popen[bytes]", log: Path, seconds: float = 120) -> float:
    """Wait until it is true; return the seconds that it took."""
    begun = time.monotonic()
    while not true():
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() - begun < seconds, log.read_text("utf-8")
        time.sleep(0.02)
    return time.monotonic() - begun


class Started:
    """start.sh while it runs."""

    def __init__(self, project: Path, tools: Path, **more: str) -> None:
        self.opened = tools.parent / "opened"
        self.log = tools.parent / "said.txt"
        browser = script(tools / "a-browser", f'echo "$1" >>"{self.opened}"')
        self.environment = variables(tools, BROWSER=str(browser), **more)
        self.page = f"http://127.0.0.1:{self.environment['OVERLAY_PORT']}/"
        command = ["/bin/sh", str(project / "start.sh")]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.page, timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def has_opened(self) -> bool:
        return self.opened.exists() and self.page.rstrip("/") in self.opened.read_text()

    def ends_by(self, number: int, *, all_: bool = True) -> str:
        (os.killpg if all_ else os.kill)(self.process.pid, number)
        assert self.process.wait(30) == 0, self.log.read_text("utf-8")
        return self.log.read_text("utf-8")


@pytest.fixture
def show(installed: Path, tools: Path) -> Iterator[Started]:
    with Started(installed, tools) as show:
        until(show.answers, show.process, show.log)
        yield show


def test_the_page_is_opened_and_ctrl_c_ends_it_well(show: Started) -> None:
    until(show.has_opened, show.process, show.log)
    said = show.ends_by(signal.SIGINT)
    assert said.rstrip().endswith("끝났습니다.")
    assert "SyntaxWarning" not in said


def test_a_signal_to_it_ends_the_show(show: Started) -> None:
    assert "끝났습니다." in show.ends_by(signal.SIGTERM, all_=False)
    assert not show.answers()


def test_a_second_click_opens_the_page_of_the_show_that_is_on(show: Started, installed: Path, tools: Path) -> None:
    until(show.has_opened, show.process, show.log)
    show.opened.unlink()
    port, browser = show.environment["OVERLAY_PORT"], show.environment["BROWSER"]
    code, said = started(installed, tools, OVERLAY_PORT=port, BROWSER=browser)
    assert (code, "이미 켜져 있습니다" in said) == (0, True), said
    until(show.has_opened, show.process, show.log)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(900)
@pytest.mark.parametrize("by", ["pip", "uv"])
def test_from_nothing_to_the_page_and_a_second_time(
    project: Path, tools: Path, by: str, figure: Callable[[str], None]
) -> None:
    """Needs the package index that pip and uv are set to."""
    python(tools)
    indexes = {name: value for name, value in os.environ.items() if re.match(r"(PIP|UV)_", name)}
    if by == "uv":
        found = shutil.which("uv")
        if found is None:
            pytest.skip("uv is not installed")
        (tools / "uv").symlink_to(found)
    home = {"HOME": os.environ.get("HOME", "/"), "PYTHONDONTWRITEBYTECODE": ""}
    with Started(project, tools, **home, **indexes) as show:
        first = until(show.answers, show.process, show.log, 600)
        assert re.search(r"받는 중 \d+/\d+: \S+", show.ends_by(signal.SIGINT))
    with Started(project, tools, **home, **indexes) as show:
        second = until(show.answers, show.process, show.log)
        opened = second + until(show.has_opened, show.process, show.log)
        assert "받는 중" not in show.ends_by(signal.SIGINT)
    size = sum(
        file.stat().st_size for file in (project / ".venv").rglob("*") if file.is_file() and not file.is_symlink()
    )
    figure(
        f"{by}: first start {first:.1f} s to the page, second {second:.1f} s (browser {opened:.1f} s),"
        f" .venv {size / 1e6:.0f} MB"
    )
    assert second < 15
