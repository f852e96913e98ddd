"""start.sh, start.command and start.bat, read: the last one cannot be run on every machine that tests."""

import re
import shutil
import subprocess

import pytest

from graphs.engine.commands._python import NEWEST, OLDEST
from tests.harness import ROOT

SH, COMMAND, BAT = ROOT / "start.sh", ROOT / "start.command", ROOT / "start.bat"
FITS = f"not {OLDEST} <= sys.version_info[:2] <= {NEWEST}"
MINORS = {f"3.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)}


def test_macos_has_the_same_file_under_the_name_that_a_double_click_opens() -> None:
    assert COMMAND.read_bytes() == SH.read_bytes()


def test_they_can_be_executed_where_they_are_unpacked() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-s", SH, COMMAND], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["100755", "100755"]


@pytest.mark.parametrize("file", [SH, BAT], ids=lambda file: file.name)
def test_they_look_for_the_pythons_that_the_program_runs_on(file) -> None:
    text = file.read_text("utf-8")
    assert FITS in text
    named = r"python(3\.\d\d)\b" if file is SH else r"for %%V in \(([\d. ]+)\)"
    assert set(" ".join(re.findall(named, text)).split()) == MINORS


def test_the_shell_takes_every_line() -> None:
    if shutil.which("sh") is None:
        pytest.skip("there is no shell")
    assert subprocess.run(["sh", "-n", SH], check=False).returncode == 0


def test_windows_gets_utf_8_without_a_mark_and_its_own_line_ends() -> None:
    raw = BAT.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    raw.decode("utf-8")
    assert "*.bat eol=crlf" in (ROOT / ".gitattributes").read_text().splitlines()
    if b"\r" in raw:  # as git lays it out; a copy of what git keeps has none
        assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r") > 10


def test_windows_is_told_the_encoding_before_any_hangul() -> None:
    before, _, _ = BAT.read_text("utf-8").partition("chcp 65001")
    assert before.isascii()


def test_brackets_in_the_path_of_the_folder_break_nothing_on_windows() -> None:
    lines = [line for line in BAT.read_text("utf-8").splitlines() if not line.startswith("rem ")]
    assert [line for line in lines if line.rstrip().endswith("(") or line.lstrip().startswith(")")] == []
    assert all('"%~dp0"' in line for line in lines if "%~dp0" in line)
    assert [line for line in lines if "%cd%" in line.lower()] == []


def test_nothing_jumps_in_a_file_with_hangul_on_windows() -> None:
    """cmd looks for a label by bytes, and loses its place behind letters of several bytes."""
    lines = BAT.read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith(":") or re.search(r"\bgoto\b|\bcall :", line)] == []


def test_the_window_stays_open_on_windows_until_a_failure_has_been_read() -> None:
    failures = [line for line in BAT.read_text("utf-8").splitlines() if "exit /b 1" in line]
    assert len(failures) == 2
    assert all("pause" in line for line in failures)
