import io
import os
import subprocess
import sys

import pytest

from graphs.engine.commands import init
from graphs.engine.commands.init import QUESTIONS, env_of, main
from schemas.command import FAILED, OK
from tests.harness import ROOT

KEYS = [question.key for question in QUESTIONS]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "graphs").mkdir()
    for file in (ROOT / "graphs").glob("*.yaml"):
        if file.name != "my.yaml":
            (tmp_path / "graphs" / file.name).write_bytes(file.read_bytes())
    return tmp_path


@pytest.fixture
def typed(monkeypatch):
    """Puts lines into stdin."""
    return lambda *lines: monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_enter_takes_the_defaults(folder, typed):
    typed("", "", "", "", "")
    assert main([], folder) == OK
    text = (folder / "graphs" / "my.yaml").read_text("utf-8")
    assert "type: chat.chzzk" in text
    assert "guest:" not in text
    assert "type: avatar.vts" in text
    assert "GROQ_API_KEY=" in (folder / ".env").read_text("utf-8")


def test_answers_choose_the_parts(folder, typed, capsys):
    typed("모카", "2", "2", "3", "2")
    assert main([], folder) == OK
    text = (folder / "graphs" / "my.yaml").read_text("utf-8")
    assert "type: chat.replay, guest: filter" in text
    assert "type: chat.typed, guest: true" in text
    assert "OLLAMA_MODEL" in text
    assert "device: none" in text
    assert "type: avatar.stage" in text
    assert 'character: "모카"' in text
    assert "초코" not in text
    assert (folder / ".env").read_text("utf-8") == "# Ollama 모델의 이름\nOLLAMA_MODEL=gemma3:4b\n"
    assert "login" not in capsys.readouterr().out


def test_a_wrong_answer_is_asked_again(folder, typed, capsys):
    typed("!:", "모카", "9", "1", "", "", "")
    assert main([], folder) == OK
    told = capsys.readouterr().out
    assert "글자와 숫자만" in told
    assert "1, 2" in told


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such bits")
def test_nobody_else_may_read_the_keys(folder):
    assert main(["--yes"], folder) == OK
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("words", [[], ["--yes"]])
def test_a_graph_that_is_there_is_not_overwritten_unasked(folder, typed, words):
    (folder / "graphs" / "my.yaml").write_text("mine", "utf-8")
    typed("", "", "", "", "", "")
    assert main(words, folder) == FAILED
    assert (folder / "graphs" / "my.yaml").read_text("utf-8") == "mine"
    assert not (folder / ".env").exists()


def test_it_is_overwritten_when_the_user_says_so(folder, typed):
    (folder / "graphs" / "my.yaml").write_text("mine", "utf-8")
    typed("", "", "", "", "", "y")
    assert main([], folder) == OK
    assert "name: my" in (folder / "graphs" / "my.yaml").read_text("utf-8")


def test_what_stands_in_env_stays():
    answers = dict(zip(KEYS, ("초코", "recording", "groq", "server", "vts"), strict=True))
    old = "A=1\nGROQ_API_KEY=secret"
    assert env_of(answers, old) == old + "\n# 목소리 서버의 주소\nTTS_REMOTE_URL=http://192.168.0.10:5000\n"
    assert env_of(answers, env_of(answers, old)) == env_of(answers, old)


def test_questions_that_are_broken_off_write_nothing(folder, typed, capsys):
    typed("모카")
    assert main([], folder) == FAILED
    assert "아무것도 쓰지 않았어요" in capsys.readouterr().err
    assert not (folder / "graphs" / "my.yaml").exists()


@pytest.mark.component
def test_the_command_reads_the_answers_from_a_pipe(folder):
    code = "import sys, pathlib, graphs.engine.cli as cli; sys.exit(cli.main(['init'], pathlib.Path(sys.argv[1])))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        input="모카\n2\n2\n1\n2\n",
        text=True,
        encoding="utf-8",
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == OK, done.stderr
    assert (folder / "graphs" / "my.yaml").exists()


def test_an_env_file_that_korean_notepad_saved_is_kept_and_written_as_utf8(folder, capsys):
    (folder / ".env").write_bytes("# 내 방송\r\nCHZZK_CHANNEL_ID=가나\r\n".encode("cp949"))
    assert main(["--yes"], folder) == 0
    text = (folder / ".env").read_text("utf-8")
    assert text.startswith("# 내 방송\nCHZZK_CHANNEL_ID=가나\n")
    (folder / ".env").write_bytes(b"A=1\nB=\xff\xff\n")
    (folder / "graphs" / "my.yaml").unlink()
    assert main(["--yes"], folder) == 1
    assert f"{folder / '.env'}: 2번째 줄: UTF-8 글이 아니에요" in capsys.readouterr().err
    assert (folder / ".env").read_bytes() == b"A=1\nB=\xff\xff\n"


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(folder, capsys, monkeypatch):
    def refused(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(init.Path, "write_text", refused)
    assert main(["--yes"], folder) == 1
    said = capsys.readouterr().err
    assert "my.yaml: 권한이 없어요" in said
    assert "옮겨서" in said
