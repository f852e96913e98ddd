import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphs.engine.log import private
from graphs.engine.log.private import keep_private

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_there_and_what_comes_later_is_for_this_user_alone(tmp_path: Path) -> None:
    history = tmp_path / "history"
    (history / "logs").mkdir(parents=True)
    old = history / "logs" / "engine.jsonl"
    old.write_text("chat")
    old.chmod(0o644)
    keep_private(history)
    new = history / "summary.json"
    new.write_text("names")
    assert [mode(each) for each in (history, history / "logs", old, new)] == [0o700, 0o700, 0o600, 0o600]
    assert old.read_text() == "chat"


def test_what_the_user_asked_for_is_made_as_the_user_wants_and_the_rest_stays_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private, "_given", 0o022)
    keep_private(tmp_path / "history")
    with private.as_the_user_wants():
        (tmp_path / "report.json").write_text("")
    (tmp_path / "later").write_text("")
    assert (mode(tmp_path / "report.json"), mode(tmp_path / "later")) == (0o644, 0o600)


def test_a_stricter_umask_stays(tmp_path: Path) -> None:
    os.umask(0o277)
    keep_private(tmp_path / "not there yet")
    assert os.umask(0) == 0o277


def test_what_a_link_leads_to_is_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("")
    outside.chmod(0o644)
    history = tmp_path / "history"
    history.mkdir()
    (history / "link").symlink_to(outside)
    keep_private(history)
    assert mode(outside) == 0o644
