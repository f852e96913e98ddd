"""The start of the program by a double click, as far as it needs no packages."""

import ast
import http.server
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphs.engine.commands._starting import start
from graphs.engine.commands._starting.causes import Refused

ROOM = Path(start.__file__).parent


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(each) for each in names]
    yield
    for each, handler in zip(names, before, strict=True):
        signal.signal(each, handler)


@pytest.mark.parametrize("file", [*ROOM.glob("*.py"), ROOM.parent / "_python.py"], ids=lambda file: file.name)
def test_an_old_python_can_read_it_to_say_that_it_is_too_old(file: Path) -> None:
    ast.parse(file.read_text("utf-8"), feature_version=(3, 7))


def test_it_needs_no_package() -> None:
    code = f"import runpy; runpy.run_path({start.__file__!r})"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("code", [0, 130])
def test_a_show_that_ended_well_is_told_so(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert start.show([sys.executable, "-c", f"import sys; sys.exit({code})"]) == 0
    assert capsys.readouterr().out == "끝났습니다.\n"


def test_a_show_that_failed_is_told_with_its_code() -> None:
    with pytest.raises(Refused, match=r"멈췄습니다 \(코드 3\)"):
        start.show([sys.executable, "-c", "import sys; sys.exit(3)"])


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed by a signal there")
def test_a_show_that_the_system_killed_is_told_so() -> None:
    with pytest.raises(Refused) as refused:
        start.show([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
    assert "메모리" in refused.value.remedy


def test_warnings_of_packages_are_not_shown() -> None:
    code = "import sys, warnings; sys.exit('ignore::SyntaxWarning' not in sys.warnoptions)"
    assert start.show([sys.executable, "-c", code]) == 0


class Graph(http.server.BaseHTTPRequestHandler):
    """Answers as a running show does."""

    said = b'{"nodes": {}}'

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), Graph) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_show_that_is_already_on_is_found_by_the_port_of_its_folder(tmp_path: Path, port: int) -> None:
    page = f"http://127.0.0.1:{port}/"
    (tmp_path / ".env").write_text(f"OVERLAY_PORT=1\nOVERLAY_PORT='{port}'\n")
    assert start.running(tmp_path, {}) == page
    assert start.running(tmp_path, {"OVERLAY_PORT": "1"}) == ""
    (tmp_path / ".env").unlink()
    assert start.running(tmp_path, {"OVERLAY_PORT": str(port)}) == page


@pytest.mark.parametrize("said", [b"<html>", b"[1]", b'{"other": 1}', b"7"])
def test_another_server_at_that_port_is_not_taken_for_a_show(
    tmp_path: Path, port: int, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Graph, "said", said)
    assert start.running(tmp_path, {"OVERLAY_PORT": str(port)}) == ""


def test_a_double_click_opens_the_set_up_until_there_is_a_graph_of_ones_own(tmp_path: Path) -> None:
    assert start.usual(tmp_path) == ["run", "--page", "start"]
    (tmp_path / "graphs").mkdir()
    (tmp_path / "graphs" / "my.yaml").touch()
    assert start.usual(tmp_path) == ["graphs/my.yaml"]
