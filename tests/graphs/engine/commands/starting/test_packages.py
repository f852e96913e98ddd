"""When the environment is made, kept and made again."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from graphs.engine.commands._starting import packages as module
from graphs.engine.commands._starting.causes import Refused
from graphs.engine.commands._starting.packages import Packages

FAKE_UV = """\
#!/bin/sh
echo "$1" >>"$(dirname "$0")/called"
case "$1" in
venv) for last in "$@"; do :; done
  mkdir -p "$last/bin" && ln -sf "$3" "$last/bin/python" && printf '{cfg}' 3.12.1 >"$last/pyvenv.cfg" ;;
pip) {pip} ;;
esac
"""
"""As uv is called; ``pip`` is what its installation does."""
CFG = f"home = {Path(sys._base_executable).parent}\nversion = %s\n"  # type: ignore[attr-defined]


def fake_uv(folder: Path, pip: str = "true") -> Path:
    folder.mkdir(exist_ok=True)
    uv = folder / "uv"
    uv.write_text(FAKE_UV.replace("{pip}", pip).replace("{cfg}", CFG.replace("\n", "\\n")))
    uv.chmod(0o755)
    return uv


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "초코 [1] (a)"
    root.mkdir()
    for name in module.LISTS:
        (root / name).write_text("numpy==1\nother==2 ; sys_platform == 'win32'\n")
    return root


def made(root: Path, tools: Path, pip: str = "true") -> Packages:
    packages = Packages(root, str(fake_uv(tools, pip)))
    packages.install()
    return packages


def calls(tools: Path) -> list[str]:
    found = (tools / "called").read_text().split()
    (tools / "called").unlink()
    return found


posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in of uv is a shell script")


@posix
def test_after_an_installation_it_is_ready_and_stays_so(root: Path, tmp_path: Path) -> None:
    assert not Packages(root).ready()
    packages = made(root, tmp_path / "bin")
    assert packages.ready()
    assert Packages(root).ready()
    assert calls(tmp_path / "bin") == ["venv", "pip"]


@posix
def test_changed_packages_are_installed_into_the_environment_that_is_there(root: Path, tmp_path: Path) -> None:
    made(root, tmp_path / "bin")
    (root / ".venv" / "own").write_text("put there by hand")
    (root / "constraints.txt").write_text("numpy==2\n")
    calls(tmp_path / "bin")
    assert not Packages(root).ready()
    assert made(root, tmp_path / "bin").ready()
    assert calls(tmp_path / "bin") == ["pip"]
    assert (root / ".venv" / "own").exists()


@posix
def test_in_a_folder_that_was_moved_it_is_made_again(root: Path, tmp_path: Path) -> None:
    made(root, tmp_path / "bin")
    (root / ".venv" / "old").write_text("")
    calls(tmp_path / "bin")
    moved = root.rename(tmp_path / "다른 곳")
    assert not Packages(moved).ready()
    assert made(moved, tmp_path / "bin").ready()
    assert calls(tmp_path / "bin") == ["venv", "pip"]
    assert not (moved / ".venv" / "old").exists()


@posix
def test_with_another_python_it_is_made_again(root: Path, tmp_path: Path) -> None:
    packages = made(root, tmp_path / "bin")
    calls(tmp_path / "bin")
    (root / ".venv" / "pyvenv.cfg").write_text(CFG % "3.11.9")
    assert not packages.ready()
    packages.install()
    assert calls(tmp_path / "bin") == ["venv", "pip"]


@posix
def test_where_its_python_has_gone_it_is_made_again(root: Path, tmp_path: Path) -> None:
    packages = made(root, tmp_path / "bin")
    packages.python.unlink()
    packages.python.symlink_to(tmp_path / "removed")
    assert not packages.ready()
    packages.install()
    assert packages.ready()


@posix
def test_an_environment_that_was_made_by_hand_is_kept(root: Path, tmp_path: Path) -> None:
    bin_ = root / ".venv" / "bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").symlink_to(sys.executable)
    made(root, tmp_path / "bin")
    assert calls(tmp_path / "bin") == ["pip"]


@posix
def test_after_an_installation_that_failed_it_is_not_ready(root: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="자리가 모자랍니다"):
        made(root, tmp_path / "bin", "echo 'No space left on device (os error 28)'; exit 2")
    assert not Packages(root).ready()
    assert "os error 28" in Packages(root).log.read_text()
    assert made(root, tmp_path / "bin").ready()


@posix
def test_a_second_window_does_not_install_at_the_same_time(root: Path, tmp_path: Path) -> None:
    packages = Packages(root, str(fake_uv(tmp_path / "bin")))
    (root / "history").mkdir()
    with packages._alone(), pytest.raises(Refused, match="다른 창"):
        Packages(root, str(tmp_path / "bin" / "uv")).install()
    assert not (tmp_path / "bin" / "called").exists()
    packages.install()
    assert packages.ready()


def test_too_little_space_is_told_before_anything_is_fetched(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=400_000_000))
    with pytest.raises(Refused, match="400 MB") as refused:
        made(root, tmp_path / "bin")
    assert "1 GB" in refused.value.remedy
    assert not (tmp_path / "bin" / "called").exists()


def test_a_folder_that_cannot_be_written_is_told(root: Path) -> None:
    (root / "history").write_text("a file where the folder should be")
    with pytest.raises(Refused, match="쓸 수 없습니다"):
        Packages(root).install()


def test_about_how_many_packages_there_are_is_known(root: Path) -> None:
    assert Packages(root)._total() == 1
