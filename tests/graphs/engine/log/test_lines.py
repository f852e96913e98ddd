"""graphs/engine/log/lines.py: lines for a terminal, and JSON in files that rotate."""

import io
import json
import logging
import os
import subprocess
import sys

import pytest

from graphs.engine.log.engine_log import EngineLog
from graphs.engine.log.lines import Console, LogFile
from graphs.engine.log.redact import Redactor
from tests.harness import ROOT


def failed(error):
    try:
        raise error
    except Exception as raised:
        return raised


def test_a_traceback_is_on_the_terminal_where_there_are_no_files(capsys):
    EngineLog().failure("a", "chat.a", None, failed(ValueError("bad")))
    assert "Traceback" in capsys.readouterr().err


def test_behind_a_command_to_type_stands_nothing_that_a_person_does_not_need(capsys):
    log = EngineLog().of("chat", "chat.a")
    log.warning("python aischoco.py login", alarm="chat", why="")
    log.warning("lost", alarm="chat", why="gone")
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("chat: ")[2] for line in lines] == ["python aischoco.py login", "lost why=gone"]


def test_a_nickname_cannot_break_a_line_or_steer_the_terminal(capsys):
    EngineLog().info("hello", name="a\nE fake\x1b[2J\u202e")
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "a / E fake" in err
    assert "\x1b" not in err
    assert "\u202e" not in err


def test_a_terminal_that_knows_no_emoji_gets_a_question_mark(monkeypatch):
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(buffer, encoding="cp949"))
    EngineLog().info("안녕 🐿")
    assert buffer.getvalue().decode("cp949").rstrip().endswith("I 안녕 ?")


def test_a_terminal_that_has_gone_is_no_error(monkeypatch, capsys):
    gone = io.StringIO()
    monkeypatch.setattr(sys, "stderr", gone)
    log = EngineLog()
    gone.close()
    monkeypatch.undo()
    log.info("hello")
    assert capsys.readouterr().err == ""


@pytest.fixture
def told():
    return []


@pytest.fixture
def file(tmp_path, told):
    redact = Redactor()
    redact.hide(["hunter2-hunter2"])
    file = LogFile(tmp_path / "app.log", 300, 1, redact, told.append)
    yield file
    file.close()


def record(text, name="aischoco", error=None, **more):
    made = logging.LogRecord(name, logging.WARNING, "", 0, "%s", (text,), error and (type(error), error, None))
    vars(made).update(more)
    return made


def test_a_record_is_an_object_without_secrets(file, tmp_path):
    file.handle(
        record("key hunter2-hunter2", node="voice", fields={"what": object}, error=ValueError("hunter2-hunter2"))
    )
    text = (tmp_path / "app.log").read_text("utf-8")
    line = json.loads(text)
    assert "hunter2" not in text
    assert (line["level"], line["node"], line["fields"]) == ("WARNING", "voice", {"what": "<class 'object'>"})
    assert line["traceback"].startswith("ValueError")


def test_a_line_of_a_library_says_where_it_is_from(file, tmp_path):
    file.handle(record("late", name="aiohttp"))
    assert json.loads((tmp_path / "app.log").read_text("utf-8"))["from"] == "aiohttp"


def test_a_file_that_cannot_be_rotated_is_told_and_goes_on(file, tmp_path, told):
    (tmp_path / "app.log.1").mkdir()
    for _ in range(3):
        file.handle(record("x" * 150))
    assert len((tmp_path / "app.log").read_text("utf-8").splitlines()) == 3
    assert told[0].startswith("app.log cannot be rotated")


def test_a_file_that_cannot_be_written_is_told(file, tmp_path, told):
    (tmp_path / "app.log").mkdir()
    file.handle(record("one"))
    assert told[0].startswith("app.log cannot be written")


def test_a_line_of_a_library_on_the_terminal_says_where_it_is_from(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    terminal = Console(Redactor(), tracebacks=False)
    terminal.handle(logging.LogRecord("aiohttp.server", logging.WARNING, "", 0, "slow", None, None))
    assert shown.getvalue().endswith("W aiohttp.server: slow\n")


def test_lines_for_a_terminal_that_takes_none_wait_and_the_oldest_go():
    reader, writer = os.pipe()
    with open(writer, "w", encoding="utf-8") as stream:
        console = Console(Redactor(), tracebacks=False)
        console.stream, console._apart = stream, True
        for number in range(3000):
            console.handle(logging.makeLogRecord({"msg": f"{number} {'x' * 200}", "name": "aischoco", "levelno": 20}))
        taken = b""
        while b"2999 x" not in taken:
            taken += os.read(reader, 1 << 16)
        console.drain(10)
    os.close(reader)
    assert "줄 건너뜀" in taken.decode()
    assert taken.count(b"\n") < 3000


def test_a_line_is_written_while_a_library_points_standard_error_elsewhere():
    program = (
        "import os, time\n"
        "from graphs.engine.log.engine_log import EngineLog\n"
        "log = EngineLog()\n"
        "kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)\n"
        "os.dup2(nowhere, 2)\n"
        "os.write(2, b'noise')\n"
        "log.warning('no voice')\n"
        "log.close()\n"
        "os.dup2(kept, 2)\n"
    )
    ran = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert ran.stderr.split(" ", 1)[1] == "W no voice\n"
