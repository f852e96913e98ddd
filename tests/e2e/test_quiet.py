"""A whole run of the demonstration uses no network and leaves nothing outside of history/.

It is observed from outside, by ``strace`` over all its threads: packages may have code that Python does not see.
"""

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.e2e.show import Show

STRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none")
pytestmark = [
    pytest.mark.component,
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform != "linux" or shutil.which("strace") is None, reason="needs strace"),
]
OUT = re.compile(r"sin_port=htons\((\d+)\), sin_addr=inet_addr\(\"(?!127\.)|inet_pton\(AF_INET6, \"(?!::1\")")
NAMES = re.compile(r"sin6?_port=htons\(53\)")
OURS = ("history", "cache", "config/stage_tokens.json", "config/vts_token.txt")
"""What the built-in avatar and its node remember about each other is beside the settings, kept sound in cache."""


def calls(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines()


def left(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


def test_the_demonstration_looks_up_no_name_and_leaves_no_file_outside_of_history(tmp_path: Path) -> None:
    home, temporary, log = tmp_path / "home", tmp_path / "temporary", tmp_path / "calls.txt"
    home.mkdir()
    temporary.mkdir()
    own = {"HOME": str(home), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    private = dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), "")
    there: list[str] = []
    with Show(
        tmp_path,
        *("--for", "12"),
        env={**own, **private},
        before=[*STRACE, "-o", str(log)],
        prepare=lambda root: there.extend(left(root)),
    ) as show:
        assert show.ends(90) == 0, show.log
    assert show.report["turns"], "nothing was said, so no voice was loaded"
    assert any("AF_INET" in line for line in calls(log)), "the stage and the avatar talk over loopback: that is seen"
    assert [line for line in calls(log) if OUT.search(line) or NAMES.search(line)] == []
    assert left(home) == []
    assert left(temporary) == []
    assert [name for name in left(show.root) if name not in there and not name.startswith(OURS)] == []
