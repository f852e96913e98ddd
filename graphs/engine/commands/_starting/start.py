"""Starts the show for someone who double-clicked: the packages are installed the first time, then the program runs.

start.sh, start.command and start.bat look for a Python and run this file by its path, before any package is there. What
fails is answered by a sentence and what to do about it. The syntax suits Pythons since 3.7, so that a person who has an
older one than is needed is told so.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
sys.path[:1] = [str(ROOT)]

from graphs.engine.commands._python import refusal  # noqa: E402 - found by the line above
from graphs.engine.commands._starting.causes import KILLED, STOPPED, Refused  # noqa: E402
from graphs.engine.commands._starting.packages import Packages  # noqa: E402
from graphs.engine.commands._starting.progress import told  # noqa: E402

NO_PYTHON = Path(__file__).resolve().parent / "no_python.txt"
"""What the start files say if there is no Python at all."""
OWN = "graphs/my.yaml"
"""As ``graphs.engine.editing.first`` has it, which needs packages."""
PORT = 8765
BY_FORCE = (-9, 137)
WELL = (0, 130, 0xC000013A)
"""How a show ends well; the others are Ctrl-C, the last one that of Windows."""


def main(words: Sequence[str], root: Path = ROOT) -> int:
    """Install what is missing, then run the program with ``words`` until it ends; returns its exit code."""
    os.chdir(str(root))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    if refusal():
        told("지금 있는 파이썬은 {}.{}입니다.".format(*sys.version_info[:2]))
        told(NO_PYTHON.read_text(encoding="utf-8").rstrip())
        return _closing(1)
    packages = Packages(root)
    try:
        page = "" if words else running(root, os.environ)
        if page:
            told(f"이미 켜져 있습니다. 페이지를 엽니다: {page}")
            webbrowser.open(page)
            return 0
        if not packages.ready():
            packages.install()
        told("켭니다. 잠시 뒤에 브라우저가 열립니다. 끝내려면 이 창에서 Ctrl-C를 누르세요.")
        return show([str(packages.python), "aischoco.py", *(words or usual(root))])
    except Refused as refused:
        log = f"\n   자세한 기록: {packages.log.relative_to(root)}" if packages.log.exists() else ""
        told(f"\n[안 됨] {refused.what}\n   -> {refused.remedy}\n   ({refused.english}){log}")
        return _closing(1)
    except KeyboardInterrupt:
        told("\n그만두었습니다. 다시 켜면 이어서 합니다.")
        return 130


def usual(root: Path) -> Sequence[str]:
    """Return what a double click runs: the person's own graph; until there is one, the page on which it is made."""
    return [OWN] if (root / OWN).is_file() else ["run", "--page", "start"]


def running(root: Path, env: Mapping[str, str]) -> str:
    """Return the page of the show that is already on at the port of this folder; empty if there is none."""
    try:
        written = (root / ".env").read_text(encoding="utf-8", errors="replace")
    except OSError:
        written = ""
    found = re.findall(r"^\s*(?:export\s+)?OVERLAY_PORT\s*=\s*['\"]?(\d+)", written, re.M)
    page = f"http://127.0.0.1:{env.get('OVERLAY_PORT') or (found or [PORT])[-1]}"
    try:
        without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with without_proxy.open(f"{page}/api/graph", timeout=1) as answer:
            return f"{page}/" if "nodes" in json.load(answer) else ""
    except (OSError, ValueError, TypeError):
        return ""


def show(command: Sequence[str]) -> int:
    """Run the program until it ends; a Ctrl-C reaches it too, and other signals are passed on.

    Raises:
        Refused: it ended badly.
    """
    quiet = {"PYTHONWARNINGS": "ignore::SyntaxWarning"}  # of packages, in English, when they are first compiled
    child = subprocess.Popen(command, env={**quiet, **os.environ})  # noqa: S603 - the program

    def passed_on(number: int, _: object) -> None:
        child.send_signal(number)

    def left(_number: int, _frame: object) -> None: ...

    signal.signal(signal.SIGINT, left)
    for name in ("SIGTERM", "SIGHUP"):
        if os.name != "nt" and hasattr(signal, name):
            signal.signal(getattr(signal, name), passed_on)
    code = child.wait()
    if code not in WELL:
        raise (KILLED if code in BY_FORCE else STOPPED).refused(code=code)
    told("끝났습니다.")
    return 0


def _closing(code: int) -> int:
    """Keep the window open until the person has read it."""
    if sys.stdin is not None and sys.stdin.isatty():
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            input("\n엔터를 누르면 창이 닫힙니다. ")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
