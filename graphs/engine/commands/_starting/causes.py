"""Why the packages could not be installed, in a sentence, with what to do about it."""

from __future__ import annotations

import re
from typing import NamedTuple


class Refused(Exception):
    """Something failed that a person can mend."""

    def __init__(self, what: str, remedy: str, english: str) -> None:
        super().__init__(what)
        self.what, self.remedy, self.english = what, remedy, english


class Cause(NamedTuple):
    """A cause, and what pip, uv or the system prints where it is the one."""

    pattern: str
    what: str
    remedy: str
    english: str

    def refused(self, **words: object) -> Refused:
        """Return what to raise, with these words in the place of ``{name}``."""
        return Refused(self.what.format(**words), self.remedy, self.english)


FULL = Cause(
    r"No space left|\[?Errno 28\b|WinError 112\b|os error (?:28|112)\b|not enough space on the disk",
    "디스크에 자리가 모자랍니다.",
    "1 GB를 비우고 다시 켜 주세요.",
    "The disk is full: free 1 GB, then start again.",
)
NOT_WRITABLE = Cause(
    r"Permission denied|Errno 13\b|WinError (?:5|32)\b|os error (?:5|13|32)\b|Read-only file system",
    "이 폴더에 쓸 수 없습니다.",
    "켜 둔 다른 창을 닫고, 폴더를 바탕 화면처럼 쓸 수 있는 곳으로 옮긴 다음 다시 켜 주세요.",
    "This folder cannot be written: close other windows of the program, or move the folder, then start again.",
)
NO_NETWORK = Cause(
    r"(?i)connection (?:broken|refused|reset|error|aborted)|connectionerror|connecttimeout|readtimeout|timed out"
    r"|name resolution|getaddrinfo|resolve host|dns error|failed to (?:fetch|download)|error sending request"
    r"|network|unreachable|max retries|proxyerror|sslerror|certificate verify",
    "인터넷에 연결되지 않아 꾸러미를 받지 못했습니다.",
    "인터넷 연결(회사나 학교라면 프록시 설정도)을 확인하고 다시 켜 주세요. 받은 것은 이어서 씁니다.",
    "The packages could not be downloaded: check the network, then start again.",
)
NO_PACKAGE = Cause(
    r"No matching distribution|no wheels with a matching|not supported on this platform|No solution found",
    "이 컴퓨터의 파이썬에 맞는 꾸러미가 없습니다.",
    "파이썬 3.13(64비트)을 설치하고 다시 켜 주세요.",
    "There are no packages for this Python: install Python 3.13 (64 bit), then start again.",
)
UNKNOWN = Cause(
    r"",
    "꾸러미를 설치하지 못했습니다.",
    "다시 켜 보고, 그래도 안 되면 .venv 폴더를 지우고 켜 주세요.",
    "The packages could not be installed: start again, or remove the folder .venv first.",
)
NO_VENV = Cause(
    r"No module named '?(?:venv|ensurepip)|ensurepip is not",
    "이 파이썬으로는 환경을 만들 수 없습니다. venv가 없습니다.",
    "Debian, Ubuntu에서는 sudo apt install python3-venv, 다른 곳에서는 파이썬 3.13을 설치하고 다시 켜 주세요.",
    "This Python has no venv: install python3-venv (Debian, Ubuntu) or Python 3.13, then start again.",
)
LITTLE = FULL._replace(pattern=r"", what="디스크에 자리가 모자랍니다. 남은 자리는 {free} MB입니다.")
KILLED = Cause(
    r"",
    "프로그램이 강제로 꺼졌습니다.",
    "다른 프로그램을 닫아 메모리를 비우고 다시 켜 주세요.",
    "The program was killed: free memory, then start again.",
)
STOPPED = Cause(
    r"",
    "프로그램이 멈췄습니다 (코드 {code}).",
    "바로 위에 쓰인 이유를 보고, 고친 다음 다시 켜 주세요.",
    "The program ended: the reason is written above.",
)
BUSY = Cause(
    r"",
    "다른 창에서 이미 설치하고 있습니다.",
    "그 창이 끝나기를 기다려 주세요.",
    "Another window is installing already: wait for it.",
)
FOUND = (FULL, NOT_WRITABLE, NO_VENV, NO_NETWORK, NO_PACKAGE, UNKNOWN)
"""In the order in which they are looked for."""


def cause(printed: str) -> Cause:
    """Find the cause in what a failed installation printed."""
    return next(each for each in FOUND if re.search(each.pattern, printed))
