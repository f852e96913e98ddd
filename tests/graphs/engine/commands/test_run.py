import asyncio
import json
import os
import signal
import webbrowser
from pathlib import Path

import pytest

from graphs.engine.commands import run as module
from graphs.engine.commands.run import run
from tests.harness import ROOT
from tests.ports import free_port

GRAPH = """
name: tiny
nodes:
  replay: {type: chat.replay, file: chat.jsonl}
  parse: {type: chat.parse, in: replay}
  filter: {type: chat.filter, in: parse}
  batch: {type: chat.batch, in: filter}
  reply: {type: reply.canned, in: batch, replies: replies.yaml}
"""
PAGE = "  overlay: {type: overlay.web, chat: filter, folder: page}\n"
PAYLOAD = {
    "content": "안녕",
    "messageTime": 1,
    "senderChannelId": "u1",
    "channelId": "c",
    "profile": {"nickname": "하늘"},
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project folder; signal handlers, working folder and log are as before afterwards."""
    monkeypatch.chdir(tmp_path)
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    folder = tmp_path / "project"
    (folder / "page").mkdir(parents=True)
    (folder / "chat.jsonl").write_text(json.dumps({"t": 0, "event": "CHAT", "payload": PAYLOAD}), encoding="utf-8")
    (folder / "replies.yaml").write_bytes((ROOT / "config" / "canned_replies.yaml").read_bytes())
    (folder / "tiny.yaml").write_text(GRAPH, encoding="utf-8")
    yield folder
    for number, handler in before:
        signal.signal(number, handler)


def test_a_run_ends_by_itself_and_writes_its_report_where_it_was_asked_to(root):
    assert run(root / "tiny.yaml", root, seconds=0.02, report=root.parent / "new" / "report.json") == 0
    said = json.loads((root.parent / "new" / "report.json").read_text(encoding="utf-8"))
    assert said["graph"] == "tiny"
    assert said["viewer_events"]["in"] == 1
    assert said["rss_mb"]["start"] > 1


@pytest.mark.parametrize(("days", "left"), [("30", False), ("0", True)])
def test_old_recordings_are_removed_at_the_start_unless_they_are_kept_for_ever(root, monkeypatch, days, left):
    monkeypatch.setenv("HISTORY_KEEP_DAYS", days)
    old = root / "history" / "sessions" / "2020-01-01_10-00-00"
    old.mkdir(parents=True)
    assert run(root / "tiny.yaml", root, seconds=0.05) == 0
    assert old.exists() is left


def test_a_report_that_cannot_be_written_is_told_and_the_run_has_failed(root, capsys):
    (root / "file").write_text("", encoding="utf-8")
    assert run(root / "tiny.yaml", root, seconds=0.01, report=root / "file" / "report.json") == 1
    told = capsys.readouterr().err
    assert "보고서를 쓰지 못했어요" in told
    assert "Traceback" not in told


def test_a_report_beside_the_caller_is_written_there_although_the_run_is_in_the_project(root):
    assert run(root / "tiny.yaml", root, seconds=0.01, report=Path("report.json")) == 0
    assert (root.parent / "report.json").is_file()
    assert Path.cwd() == root


def test_a_wrong_graph_is_told_and_nothing_starts(root, capsys):
    (root / "tiny.yaml").write_text(GRAPH.replace("chat.parse", "chat.prase"), encoding="utf-8")
    assert run(root / "tiny.yaml", root) == 1
    told = capsys.readouterr().err
    assert told.startswith("tiny.yaml:")
    assert "chat.parse" in told


def test_a_graph_that_cannot_start_names_the_node(root, capsys):
    (root / "replies.yaml").write_text("no rules", encoding="utf-8")
    assert run(root / "tiny.yaml", root, seconds=5) == 1
    told = capsys.readouterr().err
    assert " W tiny.yaml: 켜지 못했어요" in told
    assert str(root) not in told
    assert "'reply' 노드(reply.canned)" in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_ends_it_with_its_report(root, monkeypatch, number):
    listen = module.on_signals

    def listen_and_send(ended):
        listen(ended)
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), number)

    monkeypatch.setattr(module, "on_signals", listen_and_send)
    assert run(root / "tiny.yaml", root, seconds=20, report=root / "report.json") == 0
    assert json.loads((root / "report.json").read_text(encoding="utf-8"))["seconds"] < 10


@pytest.mark.parametrize("opened", [True, False])
def test_the_page_is_told_and_opened_unless_one_does_not_want_it(root, monkeypatch, capsys, opened):
    pages = []
    monkeypatch.setattr(webbrowser, "open", pages.append)
    port = free_port()
    monkeypatch.setenv("OVERLAY_PORT", str(port))
    (root / "tiny.yaml").write_text(GRAPH + PAGE, encoding="utf-8")
    assert run(root / "tiny.yaml", root, seconds=0.05, open_page=opened) == 0
    assert f"http://127.0.0.1:{port}/" in capsys.readouterr().err
    assert pages == ([f"http://127.0.0.1:{port}"] if opened else [])


def test_for_other_machines_the_address_with_its_key_is_told_and_stands_in_no_log(root, monkeypatch, capsys):
    monkeypatch.setenv("OVERLAY_HOST", "0.0.0.0")
    monkeypatch.setenv("OVERLAY_PORT", str(free_port()))
    monkeypatch.setenv("OVERLAY_KEY", "a key of the streamer")
    (root / "tiny.yaml").write_text(GRAPH + PAGE, encoding="utf-8")
    assert run(root / "tiny.yaml", root, seconds=0.05, open_page=False) == 0
    assert "/?key=a key of the streamer" in capsys.readouterr().err
    logs = [file.read_text(encoding="utf-8") for file in (root / "history").rglob("*") if file.is_file()]
    assert logs
    assert "a key of the streamer" not in "".join(logs)


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "9" * 5000, "²"])
def test_a_port_that_is_none_is_told_and_nothing_starts(root, monkeypatch, capsys, port):
    monkeypatch.setenv("OVERLAY_PORT", port)
    assert run(root / "tiny.yaml", root, seconds=5) == 1
    told = capsys.readouterr().err
    assert "OVERLAY_PORT" in told
    assert len(told) < 300


def test_a_key_that_is_too_short_is_told_and_nothing_starts(root, monkeypatch, capsys):
    monkeypatch.setenv("OVERLAY_KEY", "short")
    assert run(root / "tiny.yaml", root, seconds=5) == 1
    assert "OVERLAY_KEY" in capsys.readouterr().err


def test_one_place_of_a_graph_is_started_alone_and_a_place_that_is_not_there_is_an_error(root, capsys):
    text = GRAPH.replace("type: reply.canned,", "type: reply.canned, at: gpu,")
    (root / "tiny.yaml").write_text(text, encoding="utf-8")
    assert run(root / "tiny.yaml", root, seconds=0.02, at="gpv") == 1
    assert "혹시 'gpu'" in capsys.readouterr().err
    part = module._read(root / "tiny.yaml", root=root, at="gpu")
    assert "reply" in part.nodes
    assert "filter" not in part.nodes
    assert part.part is not None
    assert module._read(root / "tiny.yaml", root=root, at=None).part is None


@pytest.fixture
def ran(monkeypatch):
    """What ``run`` was called with."""
    calls = []
    monkeypatch.setattr(module, "run", lambda graph, root, **options: calls.append((graph, root, options)) or 0)
    return calls


def test_without_a_graph_the_demonstration_is_run(ran):
    assert module.main([], ROOT) == 0
    assert ran == [
        (
            ROOT / "graphs" / "demo.yaml",
            ROOT,
            {"seconds": None, "report": None, "open_page": True, "page": "", "at": None},
        )
    ]


def test_the_options_of_a_run(ran):
    assert (
        module.main(
            ["x.yaml", "--for", "1.5", "--report", "r.json", "--no-open", "--page", "dock", "--at", "home"], ROOT
        )
        == 0
    )
    assert ran == [
        (
            Path("x.yaml"),
            ROOT,
            {"seconds": 1.5, "report": Path("r.json"), "open_page": False, "page": "dock", "at": "home"},
        )
    ]


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_a_length_that_is_none_is_refused(ran, seconds):
    with pytest.raises(SystemExit):
        module.main(["--for", seconds], ROOT)
    assert ran == []
