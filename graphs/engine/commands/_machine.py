"""Checks the machine itself: Python and packages, disk, clock, ``.env``, the port of the page.

Checks that block are meant for a worker thread.
"""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryFile

from packaging.requirements import Requirement

from graphs.engine.commands._python import refusal
from nodes.exams import Finding
from nodes.phrases import phrase, reason_of
from nodes.written import NotText, contents, note, written

FREE_GB = 1.0
"""A show records about 0.2 GB of sound per hour."""
CLOCK_OFF_S = 30.0
"""Logins and certificates are valid only between two points in time."""
ASK_S = 2.0


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Check the version of Python."""
    refused = refusal(version)
    return Finding(not refused, phrase("Python {version}", version=".".join(map(str, version))), refused)


def packages(root: Path, version: Callable[[str], str] = metadata.version) -> Finding:
    """Check that the packages in requirements.txt are installed, in versions that it allows."""
    wrong: list[str] = []
    wanted = _requirements(root / "requirements.txt")
    for requirement in wanted:
        limits = ",".join(sorted(map(str, requirement.specifier), reverse=True))
        try:
            found = version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(phrase("{package} missing", package=requirement.name))
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            wrong.append(f"{requirement.name} {found} ({limits})")
    remedy = phrase("run: {command}", command="python -m pip install -r requirements.txt") if wrong else ""
    return Finding(not wrong, phrase("packages: {found}", found=", ".join(wrong) or len(wanted)), remedy)


def _requirements(file: Path) -> list[Requirement]:
    """Read what the file requires on this machine, without its options such as ``-r``."""
    try:
        lines = [line.partition(" #")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return []
    asked = [Requirement(line) for line in lines if line[:1] not in ("", "#", "-")]
    return [each for each in asked if each.marker is None or each.marker.evaluate()]


def disk(root: Path, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Finding:
    """Check the disk space for recordings and logs."""
    free = usage(root)[2] / 1e9
    ok = free >= FREE_GB
    space = f"{FREE_GB:g} GB"
    remedy = (
        "" if ok else phrase("free {space} of the disk at least, old recordings in history/sessions first", space=space)
    )
    return Finding(ok, phrase("free disk space {space}", space=f"{free:.1f} GB"), remedy)


def folder(root: Path) -> Finding | None:
    """Check that the program may write into its folders; None if it may."""
    for place in (root / "history", root / "config"):
        within = place if place.is_dir() else root
        try:
            with TemporaryFile(dir=within):
                pass
        except OSError as error:
            what = phrase("nothing can be written into {folder}: {why}", folder=within, why=reason_of(error))
            remedy = phrase("move the program into a folder where you may write, such as the desktop")
            return Finding(False, what, remedy)
    return None


def clock(dates: Sequence[tuple[str, datetime]]) -> list[Finding]:
    """Check this machine's clock against the ``Date`` of servers that were queried anyway: (header, time here)."""
    offs: list[float] = []
    for header, here in dates:
        try:
            there = parsedate_to_datetime(header)
        except ValueError:
            continue
        offs.append((here - there.replace(tzinfo=there.tzinfo or UTC)).total_seconds())
    if not offs:
        return []
    off = min(offs, key=abs)
    ok = abs(off) <= CLOCK_OFF_S
    if ok:
        return [Finding(ok, phrase("clock of the computer"))]
    seconds = f"{abs(off):.0f}"
    what = (
        phrase("clock of the computer: {seconds} s fast", seconds=seconds)
        if off > 0
        else phrase("clock of the computer: {seconds} s slow", seconds=seconds)
    )
    return [Finding(ok, what, phrase("have the system set its time automatically, and synchronise it now"))]


_NEARLY_ENV = (".env.txt", "env.txt", "env", ".env.env")
"""What .env is called after an editor or Windows has changed its name."""


def env_file(root: Path) -> Finding:
    """Check that ``.env`` exists under that name, can be read and is kept out of git."""
    path = root / ".env"
    if not path.exists():
        near = next((name for name in _NEARLY_ENV if (root / name).is_file()), None)
        if near is not None:
            remedy = phrase("rename {file} to .env; Explorer shows endings with View > File name extensions", file=near)
            return Finding(False, phrase(".env file: {file} is not read under that name", file=near), remedy)
        return Finding(True, phrase(".env file: none"))
    try:
        said = note(written(contents(path)))
    except NotText as error:
        said = str(error)
    except OSError as error:
        remedy = phrase("make .env readable: {why}", why=reason_of(error))
        return Finding(False, phrase(".env file: cannot be read"), remedy)
    if said:
        return Finding(False, phrase(".env file: not UTF-8"), f".env: {said}")
    if _in_git(root):
        remedy = phrase("run: git rm --cached .env; if it was pushed already, renew all keys")
        return Finding(False, phrase(".env file: in git"), remedy)
    return Finding(True, phrase(".env file"))


def _in_git(root: Path) -> bool:
    git = shutil.which("git")
    if git is None:
        return False
    command = [git, "-C", str(root), "ls-files", "--error-unmatch", "--", ".env"]
    try:
        return subprocess.run(command, capture_output=True, timeout=5, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False


async def page(env: Mapping[str, str], host: str, port: int) -> Finding:
    """Check that the page's port is free, or in use by a running show of ours."""
    host = env.get("OVERLAY_HOST") or host
    named = env.get("OVERLAY_PORT") or str(port)
    what = phrase("address of the page {host}:{port}", host=host, port=named)
    if not named.isdecimal() or int(named) > 65535:
        return Finding(False, what, phrase("OVERLAY_PORT in .env must be a number up to 65535"))
    if int(named) == 0:
        return Finding(True, phrase("{what}: any free port", what=what))
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if sys.platform != "win32":  # on Windows this option would share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(named)))
        return Finding(True, what)
    except OSError as error:
        if await _ours(host, int(named)):
            return Finding(True, phrase("{what}: the show is running", what=what))
        remedy = phrase("close the other program, or set OVERLAY_PORT in .env to a free port")
        return Finding(False, phrase("{what}: not available ({why})", what=what, why=reason_of(error)), remedy)


async def connected(env: Mapping[str, str], host: str, port: int) -> Finding | None:
    """Check that a page, such as OBS, is connected to the running show; None if no show runs, or none of ours.

    Before the show runs there is nothing for a page to connect to.
    """
    host, named = _local(env.get("OVERLAY_HOST") or host), env.get("OVERLAY_PORT") or str(port)
    if not named.isdecimal() or not 0 < int(named) < 65536 or not await _ours(host, int(named)):
        return None
    try:
        pages = json.loads((await _asked(host, int(named), "/api/state")).partition(b"\r\n\r\n")[2])["pages"]
    except (ValueError, KeyError, TypeError):
        return None
    if pages:
        return Finding(True, phrase("screen: pages connected: {count}", count=pages))
    remedy = phrase(
        "add a browser source with the address {address} in OBS; where there is one, show it and refresh it",
        address=f"http://{_shown(host)}:{named}/?obs",
    )
    return Finding(False, phrase("screen: no page is connected"), remedy)


async def _ours(host: str, port: int) -> bool:
    """Whether a show of ours answers there."""
    answer = await _asked(_local(host), port, "/health")
    return answer.startswith(b"HTTP/1.1 200") and b'"ok"' in answer


async def _asked(host: str, port: int, path: str) -> bytes:
    """Give the whole response to a GET; empty if there is none."""
    try:
        async with asyncio.timeout(ASK_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                head = f"GET {path} HTTP/1.1\r\nHost: {_shown(host)}:{port}\r\nConnection: close\r\n\r\n"
                writer.write(head.encode())
                return await reader.read()
            finally:
                writer.close()
    except OSError:  # includes TimeoutError
        return b""


def _local(host: str) -> str:
    """Give the address at which this machine's server is reached, even if it listens everywhere."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _shown(host: str) -> str:
    """Write a host as it appears in a URL."""
    return f"[{host}]" if ":" in host else host
