"""However a show is ended, it ends cleanly: with its report, without a traceback, and soon."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.show import Show, copy_of_the_project
from tests.harness import ROOT
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.timeout(240)]

FORGETFUL = """\
import threading
from reactivex import Observable
from nodes import node
from schemas.chat import ViewerEvent
from schemas.settings import Settings

class Forgetful(Settings):
    \"\"\"None.\"\"\"

@node("chat.forgetful")
def forgetful(config: Forgetful, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
    \"\"\"Start a thread that never ends.\"\"\"
    threading.Thread(target=threading.Event().wait).start()
    return chat
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_show_with_its_report(tmp_path: Path, number: signal.Signals) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:  # these tests run under nohup, which a show would inherit
        signal.signal(number, signal.SIG_DFL)
    with Show(tmp_path) as show:
        show.until(lambda: show.get("/api/graph"), 60)
        assert show.signal(number) < 15
        assert show.process.returncode == 0, show.log
        assert show.report["graph"] == "demo"


def test_a_thread_that_a_node_forgot_does_not_keep_the_show_from_ending(tmp_path: Path) -> None:
    def prepare(root: Path) -> None:
        (root / "nodes" / "chat" / "forgetful.py").write_text(FORGETFUL)
        graph = root / "graphs" / "demo.yaml"
        text = graph.read_text("utf-8").replace("type: chat.batch, in: ", "type: chat.batch, in: odd #", 1)
        wired = graph.read_text("utf-8").replace("nodes:\n", "nodes:\n  odd: {type: chat.forgetful, in: filter}\n", 1)
        assert text != wired
        graph.write_text(wired, "utf-8")

    with Show(tmp_path, prepare=prepare) as show:
        show.until(lambda: show.get("/api/graph"), 60)
        assert show.signal(signal.SIGINT) < 15
        assert show.process.returncode == 0, show.log


QUIET = """\
name: quiet
nodes:
  chat: {type: chat.replay, file: assets/recordings/demo.jsonl}
  parse: {type: chat.parse, in: chat}
  loud: {type: chat.forgetful, in: parse}
  overlay: {type: overlay.web, chat: loud}
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /dev/full")
def test_what_a_node_prints_where_nothing_can_be_written_ends_no_show(tmp_path: Path) -> None:
    loud = FORGETFUL.replace("threading.Thread(target=threading.Event().wait).start()", "print('hello', flush=True)")

    def prepare(root: Path) -> None:
        (root / "nodes" / "chat" / "forgetful.py").write_text(loud)
        (root / "graphs" / "quiet.yaml").write_text(QUIET)

    full = ("sh", "-c", 'exec "$@" >/dev/full 2>&1', "-")
    with Show(tmp_path, "graphs/quiet.yaml", "--for", "3", before=full, prepare=prepare) as show:
        assert show.ends(40) == 0
    assert show.report["errors"] == []
    assert show.report["viewer_events"]["in"] > 0


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, which these may write into one after the other."""
    return copy_of_the_project(tmp_path_factory.mktemp("interrupted"))


@pytest.mark.parametrize("after_s", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0])
def test_an_interrupt_while_it_starts_is_no_traceback(project: Path, after_s: float) -> None:
    command = [sys.executable, "aischoco.py", "run", "--no-open"]
    given = {**os.environ, "TTS_OUTPUT_DEVICE": "none", "OVERLAY_PORT": "0", "STAGE_PORT": str(free_port())}
    process = subprocess.Popen(command, cwd=project, env=given, stderr=subprocess.PIPE, encoding="utf-8")
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    if said.startswith("Fatal Python error: init_import_site") or "    import signal\n" in said:
        pytest.skip("the machine is busy: it is Python itself that still starts, and that says it in its own way")
    assert "Traceback" not in said
    assert process.returncode in (0, 130, -signal.SIGINT), said


def test_a_terminal_that_takes_no_lines_stops_nothing(tmp_path: Path) -> None:
    """A click into a Windows console blocks its output; here a terminal that nobody reads stands for it."""
    reader, writer = pty.openpty()
    command = [sys.executable, "-c", STUCK]
    process = subprocess.Popen(command, cwd=ROOT, stderr=writer, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        told, _ = process.communicate(timeout=60)
        assert float(told) < 2
    finally:
        process.kill()
        os.close(reader)
        os.close(writer)


STUCK = """
import os, sys, time
from graphs.engine.log.engine_log import EngineLog
log = EngineLog()
begun = time.monotonic()
for number in range(3000):
    log.info("x" * 200, number=number)
print(time.monotonic() - begun, flush=True)
log.close()
os._exit(0)
"""
