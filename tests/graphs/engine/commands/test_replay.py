import json
import os
import subprocess
import sys
import time

import pytest

from graphs.engine.cli import main
from graphs.engine.offline.crowd import Crowd, crowd, texts_of
from graphs.engine.offline.recording import Read
from schemas.command import FAILED, OK, USAGE
from tests.harness import ROOT

LIVE, DEMO = ROOT / "graphs" / "live.yaml", ROOT / "graphs" / "demo.yaml"
RECORDING = ROOT / "tests" / "recordings" / "seven_minutes.jsonl"
STRICT = """
name: strict
nodes:
  replay: {type: chat.replay, file: none.jsonl}
  parse: {type: chat.parse, in: replay}
  filter: {type: chat.filter, in: parse, min_length: 12}
  batch: {type: chat.batch, in: filter, speaking: voice.speaking}
  reply: {type: reply.canned, in: batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: reply}
  speech: {type: speech.kokoro, in: split.sentence}
  voice: {type: audio.play, in: speech}
"""


@pytest.fixture(autouse=True)
def stay(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture
def strict(tmp_path):
    file = tmp_path / "strict.yaml"
    file.write_text(STRICT, encoding="utf-8")
    return file


@pytest.fixture
def short(tmp_path):
    """The first minute and a half of the recording."""
    file = tmp_path / "short.jsonl"
    lines = RECORDING.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if json.loads(line)["t"] < 30), encoding="utf-8")
    return file


def test_the_command_writes_the_decision_log(short, tmp_path, capsys):
    out = tmp_path / "new" / "decisions.jsonl"
    assert main(["replay", str(short), str(LIVE), "--out", str(out)], ROOT) == OK
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert lines[-1]["what"] == "end"
    assert any(line["what"] == "turn" for line in lines)
    assert "llm.reply = 준비된 문장" in capsys.readouterr().out


def test_two_graphs_are_compared_over_one_recording(short, strict, capsys):
    assert main(["replay", str(short), str(DEMO), "--compare", str(strict)], ROOT) == OK
    told = capsys.readouterr().out
    assert "answered → too_short" in told
    assert "strict" in told


def test_a_reload_is_named_on_the_command_line(short, strict, tmp_path):
    out = tmp_path / "d.jsonl"
    words = ["replay", str(short), str(DEMO), "--reload-at", "5", str(strict), "--out", str(out)]
    assert main(words, ROOT) == OK
    assert '"what": "reload"' in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("at", ["soon", "-1", "nan", "inf"])
def test_a_time_of_a_reload_that_is_none_is_told(short, strict, capsys, at):
    assert main(["replay", str(short), str(DEMO), "--reload-at", at, str(strict)], ROOT) == USAGE
    assert f"--reload-at {at}: " in capsys.readouterr().err


def test_lines_that_cannot_be_read_are_told(tmp_path, capsys):
    file = tmp_path / "r.jsonl"
    file.write_text('{\n{"t": 0, "event": "CHAT", "payload": {}}\n', encoding="utf-8")
    assert main(["replay", str(file), str(DEMO)], ROOT) == OK
    assert "읽지 못한 줄: 1" in capsys.readouterr().out


def test_a_file_that_is_no_recording_is_told(tmp_path, capsys):
    file = tmp_path / "r.jsonl"
    file.write_text("a text\nof two lines\n", encoding="utf-8")
    assert main(["replay", str(file), str(DEMO)], ROOT) == FAILED
    assert f"{file}: 녹화가 아니에요" in capsys.readouterr().err


def test_a_wrong_call_is_told(tmp_path, short, strict, capsys):
    assert main(["replay"], ROOT) == USAGE
    assert main(["replay", "--help"], ROOT) == OK
    assert main(["replay", str(tmp_path / "none.jsonl"), str(DEMO)], ROOT) == USAGE
    assert "녹화 파일이 없어요" in capsys.readouterr().err
    strict.write_text("nodes: 3", encoding="utf-8")
    assert main(["replay", str(short), str(strict)], ROOT) == FAILED


def test_a_node_that_cannot_be_built_is_named(short, strict, tmp_path, capsys):
    (tmp_path / "wrong.yaml").write_text("3", encoding="utf-8")
    wrong = (tmp_path / "wrong.yaml").as_posix()
    text = strict.read_text(encoding="utf-8").replace("config/canned_replies.yaml", wrong)
    strict.write_text(text, encoding="utf-8")
    assert main(["replay", str(short), str(strict)], ROOT) == FAILED
    assert "'reply' 노드" in capsys.readouterr().err


def test_a_node_that_fails_is_told_and_the_exit_code_says_so(short, monkeypatch, capsys):
    from nodes.reply import _turn

    def broken(self, chunk, words):
        raise RuntimeError("broken on purpose")
        yield

    monkeypatch.setattr(_turn.Turn, "take", broken)
    assert main(["replay", str(short), str(DEMO)], ROOT) == FAILED
    assert "broken on purpose" in capsys.readouterr().out


def recorded(file, how: Crowd) -> int:
    """Write a chat into a file; gives how many lines."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for at, event in crowd(how, 1, texts_of(Read(RECORDING))):
            count += 1
            out.write(json.dumps({"t": at, "event": event.event, "payload": event.payload}) + "\n")
    return count


def replays(file, to, *options) -> float:
    """Seconds of the processor that the command takes, in a process of its own with its own order of sets."""
    before, begun = os.times().children_user, time.monotonic()
    environment = {**os.environ, "PYTHONHASHSEED": to.stem}
    command = [sys.executable, "aischoco.py", "replay", str(file), str(LIVE), "--out", str(to), *options]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=150)
    cpu = os.times().children_user - before
    print(f"{time.monotonic() - begun:.1f} s, of which {cpu:.1f} s of the processor")
    return cpu


@pytest.mark.component
@pytest.mark.timeout(120)
def test_a_reload_takes_the_same_time_whatever_the_order_of_sets_in_the_process(tmp_path):
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    for out in (first, second):
        replays(RECORDING, out, "--reload-at", "12", str(DEMO))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.component
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("minutes", "reload"),
    [(60, ()), (5, ("--reload-at", "150", str(DEMO)))],
    ids=["an hour", "a reload in the middle of five minutes"],
)
def test_an_hour_of_ten_messages_a_second_is_replayed_in_30_s_and_the_same_twice(tmp_path, minutes, reload):
    """Measured in time of the processor, which other programs do not change much: 15 s here, 25 s on a slower one."""
    chat, first, second = tmp_path / "chat.jsonl", tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    assert recorded(chat, Crowd(60.0 * minutes, rate=12.1, bursts=minutes // 2)) > 600 * minutes
    assert min(replays(chat, first, *reload), replays(chat, second, *reload)) < 30.0
    assert first.read_bytes() == second.read_bytes()
    assert (b'"what": "reload"' in first.read_bytes()) is bool(reload)
