"""The packages of the program, in an environment of their own: .venv in its folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

from graphs.engine.commands._python import NEWEST, OLDEST
from graphs.engine.commands._starting.causes import BUSY, FULL, LITTLE, NO_VENV, NOT_WRITABLE, Refused, cause
from graphs.engine.commands._starting.progress import followed, told

NEEDED_MB = 1000
"""The packages take 330 MB, and what is downloaded as much again for a while."""
LONG = 120
"""Windows gives a path 260 characters, and the longest one inside .venv has 130."""
FITS = f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
LISTS = ("requirements.txt", "constraints.txt")


class Packages:
    """The environment of one folder."""

    def __init__(self, root: Path, uv: str | None = None) -> None:
        """
        Args:
            uv: what installs; that of PATH unless it is given, pip if there is none.
        """
        self._root = root
        self._venv = root / ".venv"
        self._mark = self._venv / "ready"
        self._uv = uv or shutil.which("uv")
        self.log = root / "history" / "start.log"
        self.python = self._venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def ready(self) -> bool:
        """Return whether all is installed: what the environment was made for is what is there now."""
        return self._marked() == self._now() and self._whole()

    def install(self) -> None:
        """Make the environment, or bring it up to date.

        Raises:
            Refused: it could not be done.
        """
        before = self._marked()
        self._write_first()
        with self._alone():
            self._look_at_the_place()
            kept = self._can_be_kept(before)
            told("바뀐 것을 받습니다. 창을 닫지 마세요." if kept else "처음 켜는 중입니다. 필요한 것을 받습니다.")
            if not kept:
                told("회선에 따라 1~10분 걸립니다. 창을 닫지 마세요.")
                self._make()
            with self._refusing():
                if followed([*self._installing(), "-r", "requirements.txt"], self.log, self._total()) != 0:
                    raise self._cause()
                self._mark.write_text("\n".join(self._now()), encoding="utf-8")

    def _marked(self) -> list[str]:
        try:
            return self._mark.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return []

    def _now(self) -> list[str]:
        """The folder, the packages and the Python that an environment is for."""
        lists = b"".join((self._root / name).read_bytes() for name in LISTS)
        return [str(self._root), hashlib.sha256(lists).hexdigest(), self._made_by()[0]]

    def _made_by(self) -> tuple[str, str]:
        """Return (version, folder) of the Python that made the environment."""
        try:
            text = (self._venv / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "", ""
        found = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in text.split("\n"))}
        return found.get("version_info", found.get("version", "")), found.get("home", "")

    def _whole(self) -> bool:
        """Return whether the environment has its Python, and the one that made it has not been removed."""
        return self.python.exists() and (os.name != "nt" or (Path(self._made_by()[1]) / "python.exe").exists())

    def _write_first(self) -> None:
        with self._refusing():
            self.log.parent.mkdir(exist_ok=True)
            self.log.write_bytes(b"")
            self._root.joinpath(".venv.new").mkdir(exist_ok=True)
            self._root.joinpath(".venv.new").rmdir()

    def _look_at_the_place(self) -> None:
        free = shutil.disk_usage(str(self._root)).free // 1_000_000
        if free < NEEDED_MB:
            raise LITTLE.refused(free=free)
        if os.name == "nt" and len(str(self._root)) > LONG:
            told("[주의] 폴더의 경로가 깁니다. 안 되면 C:\\aischoco처럼 짧은 곳으로 옮겨 주세요.")
        if "onedrive" in str(self._root).lower():
            told("[주의] 원드라이브 안의 폴더입니다. 느리거나 안 되면 원드라이브 밖으로 옮겨 주세요.")

    def _can_be_kept(self, before: list[str]) -> bool:
        """Return whether the packages can go into the environment that is there, even one that was made by hand."""
        if before and (before[0], before[-1]) != (str(self._root), self._made_by()[0]):
            return False
        code = FITS if self._uv else f"import pip; {FITS}"
        try:
            return self._runs(code)
        except OSError:
            return False

    def _runs(self, code: str) -> bool:
        command = [str(self.python), "-c", code]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - its Python

    def _make(self) -> None:
        if self._uv:
            command = [self._uv, "venv", "--python", sys.executable, str(self._venv)]
        else:
            command = [sys.executable, "-m", "venv", str(self._venv)]
        with self._refusing():
            if self._venv.is_symlink():
                self._venv.unlink()
            elif self._venv.exists():
                shutil.rmtree(str(self._venv))
            made = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - uv, or this Python
            self.log.write_bytes(made.stdout + made.stderr)
        if made.returncode != 0:
            raise self._cause()
        if not self._uv and not self._runs("import pip"):
            raise NO_VENV.refused()

    def _installing(self) -> list[str]:
        if self._uv:
            return [self._uv, "pip", "install", "--no-progress", "--python", str(self.python)]
        quietly = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        # --no-compile: the start compiles what it reads, a fifth of all
        return [str(self.python), "-m", "pip", "install", "--no-compile", *quietly]

    def _total(self) -> int:
        """Return about how many packages there are for one system."""
        lines = (self._root / "constraints.txt").read_text(encoding="utf-8").split("\n")
        return len({line.partition("==")[0] for line in lines if "==" in line and "sys_platform ==" not in line})

    def _cause(self) -> Refused:
        return cause(self.log.read_text(encoding="utf-8", errors="replace")).refused()

    @contextlib.contextmanager
    def _refusing(self) -> Generator[None]:
        """Tell what the system refuses in words."""
        try:
            yield
        except OSError as error:
            raise (FULL if cause(str(error)) is FULL else NOT_WRITABLE).refused() from error

    @contextlib.contextmanager
    def _alone(self) -> Generator[None]:
        """Keep a second click from installing into the same environment at the same time."""
        with self._refusing():
            file = self.log.with_suffix(".lock").open("wb")
        with file:
            try:
                if sys.platform == "win32":
                    import msvcrt

                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                else:
                    import fcntl

                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BUSY.refused() from error
            yield
