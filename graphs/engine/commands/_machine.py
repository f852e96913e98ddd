"""Checks the machine itself: Python and packages, disk, clock, ``.env``, the port of the page.

Checks that block are meant for a worker thread.
"""

import asyncio
import json
import os
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
from nodes.written import NotText, contents, note, written

FREE_GB = 1.0
"""A show records about 0.2 GB of sound per hour."""
CLOCK_OFF_S = 30.0
"""Logins and certificates are valid only between two points in time."""
ASK_S = 2.0


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Check the version of Python."""
    refused = refusal(version)
    return Finding(not refused, f"파이썬 {'.'.join(map(str, version))} / Python", refused)


def packages(root: Path, version: Callable[[str], str] = metadata.version) -> Finding:
    """Check that the packages in requirements.txt are installed, in versions that it allows."""
    wrong: list[str] = []
    wanted = _requirements(root / "requirements.txt")
    for requirement in wanted:
        limits = ",".join(sorted(map(str, requirement.specifier), reverse=True))
        try:
            found = version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} 없음 (missing)")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            wrong.append(f"{requirement.name} {found} ({limits})")
    remedy = "python -m pip install -r requirements.txt 를 실행하세요 (run that)" if wrong else ""
    return Finding(not wrong, f"패키지 / packages: {', '.join(wrong) or len(wanted)}", remedy)


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
    remedy = (
        ""
        if ok
        else f"디스크를 {FREE_GB:g} GB 이상 비우세요. history/sessions의 오래된 녹음부터 지우세요 (free some space)"
    )
    return Finding(ok, f"디스크 여유 {free:.1f} GB / free disk space", remedy)


def folder(root: Path) -> Finding | None:
    """Check that the program may write into its folders; None if it may."""
    for place in (root / "history", root / "config"):
        within = place if place.is_dir() else root
        try:
            with TemporaryFile(dir=within):
                pass
        except OSError as error:
            what = f"{within}에 쓸 수 없음 / cannot be written: {_reason(error)}"
            remedy = "바탕 화면처럼 쓸 수 있는 폴더로 프로그램을 옮기세요 (move the program where you may write)"
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
    remedy = "" if ok else "컴퓨터의 시간 설정에서 '자동으로 시간 설정'을 켜고 '지금 동기화'를 누르세요 (set the clock)"
    what = "컴퓨터 시계 / clock" + ("" if ok else f": {abs(off):.0f}초 {'빠름 (fast)' if off > 0 else '느림 (slow)'}")
    return [Finding(ok, what, remedy)]


_NEARLY_ENV = (".env.txt", "env.txt", "env", ".env.env")
"""What .env is called after an editor or Windows has changed its name."""


def env_file(root: Path) -> Finding:
    """Check that ``.env`` exists under that name, can be read and is kept out of git."""
    what, path = ".env 파일 / .env file", root / ".env"
    if not path.exists():
        near = next((name for name in _NEARLY_ENV if (root / name).is_file()), None)
        if near is not None:
            remedy = f"{near}의 이름을 .env로 바꾸세요. 탐색기의 보기 > 파일 확장명을 켜면 보입니다 (rename it to .env)"
            return Finding(False, f"{what}: {near}는 읽지 않습니다 (not read under this name)", remedy)
        return Finding(True, f"{what}: 없음 (none)")
    try:
        said = note(written(contents(path)))
    except NotText as error:
        said = str(error)
    except OSError as error:
        remedy = f".env를 읽을 수 있게 하세요 (make it readable: {_reason(error)})"
        return Finding(False, f"{what}: 읽을 수 없음 (cannot be read)", remedy)
    if said:
        return Finding(False, f"{what}: UTF-8이 아님 (not UTF-8)", f".env: {said}")
    if _in_git(root):
        remedy = "git rm --cached .env 를 실행하고, 이미 올렸다면 키를 모두 새로 만드세요 (take it out, renew the keys)"
        return Finding(False, f"{what}: git에 들어 있음 (in git)", remedy)
    return Finding(True, what)


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
    what = f"페이지 주소 {host}:{named} / address of the page"
    remedy = "다른 프로그램을 닫거나 .env의 OVERLAY_PORT를 빈 포트로 바꾸세요 (close that program, or set a free port)"
    if not named.isdecimal() or int(named) > 65535:
        return Finding(False, what, ".env의 OVERLAY_PORT는 65535까지의 수여야 합니다 (a number up to 65535)")
    if int(named) == 0:
        return Finding(True, f"{what}: 빈 포트를 씁니다 (any free port)")
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if sys.platform != "win32":  # on Windows this option would share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(named)))
        return Finding(True, what)
    except OSError as error:
        if await _ours(host, int(named)):
            return Finding(True, f"{what}: 방송 중 (our show is running)")
        return Finding(False, f"{what}: 쓸 수 없음 ({_reason(error)})", remedy)


def _reason(error: OSError) -> str:
    """Give the system's message; on Windows a socket error carries no text of its own."""
    return error.strerror or (os.strerror(error.errno) if error.errno else str(error))


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
        return Finding(True, f"화면: 연결된 페이지 {pages}개 / pages connected")
    remedy = (
        f"OBS에 브라우저 소스를 더하고 주소를 http://{_shown(host)}:{named}/?obs 로 하세요. 이미 있으면 "
        "그 소스를 보이게 하고 '현재 페이지의 캐시를 새로고침'을 누르세요 "
        "/ add that address to OBS as a browser source, or refresh the one there is"
    )
    return Finding(False, "화면: 연결된 페이지 없음 / no page is connected", remedy)


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
