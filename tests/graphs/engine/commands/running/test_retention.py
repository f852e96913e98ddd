import os
from datetime import datetime, timedelta

import pytest

from graphs.engine.commands.running import retention
from graphs.engine.commands.running.retention import KEEP_DAYS, keep_days, tidy

NOW = datetime(2026, 11, 22, 20, 0)


@pytest.fixture
def sessions(tmp_path):
    folder = tmp_path / "history" / "sessions"
    folder.mkdir(parents=True)
    return folder


def recorded(sessions, name, *, days_ago=0.0):
    """Make the folder of a run whose sound was last written this many days ago."""
    (sessions / name).mkdir()
    sound = sessions / name / "session.wav"
    sound.write_bytes(b"x")
    at = (NOW - timedelta(days=days_ago)).timestamp()
    os.utime(sound, (at, at))
    return sessions / name


def left(sessions):
    return sorted(path.name for path in sessions.iterdir())


def test_what_is_older_than_it_is_kept_is_removed_and_told_once(sessions):
    said = []
    recorded(sessions, "2026-10-01_10-00-00", days_ago=52)
    recorded(sessions, "2026-10-01_10-00-00_2", days_ago=52)
    recorded(sessions, "2026-11-01_10-00-00", days_ago=21)
    assert tidy(sessions, 30, said.append, NOW) == 2
    assert left(sessions) == ["2026-11-01_10-00-00"]
    assert len(said) == 1
    assert "2개" in said[0]


def test_a_run_that_still_writes_is_kept_however_long_ago_it_began(sessions):
    recorded(sessions, "2026-01-01_10-00-00", days_ago=0.1)
    assert tidy(sessions, 30, print, NOW) == 0


def test_nothing_but_folders_of_runs_is_touched(sessions, tmp_path):
    for name in ("my favourites", "2026-01-01", "2026-99-99_10-00-00", "2026-01-01_10-00-00.bak"):
        recorded(sessions, name, days_ago=300)
    (sessions / "2026-01-02_10-00-00").write_text("a file")
    elsewhere = recorded(tmp_path, "kept", days_ago=300)
    (sessions / "2026-01-03_10-00-00").symlink_to(elsewhere)
    before = left(sessions)
    assert tidy(sessions, 1, print, NOW) == 0
    assert left(sessions) == before
    assert (elsewhere / "session.wav").exists()


def test_a_link_inside_of_a_run_is_removed_and_not_what_it_leads_to(sessions, tmp_path):
    elsewhere = recorded(tmp_path, "kept", days_ago=300)
    run = recorded(sessions, "2026-01-01_10-00-00", days_ago=300)
    (run / "link").symlink_to(elsewhere)
    at = (NOW - timedelta(days=300)).timestamp()
    os.utime(run / "link", (at, at), follow_symlinks=False)
    assert tidy(sessions, 30, print, NOW) == 1
    assert (elsewhere / "session.wav").exists()


def test_for_ever_means_for_ever_and_no_folder_is_no_error(sessions, tmp_path):
    recorded(sessions, "2020-01-01_10-00-00", days_ago=2000)
    assert tidy(sessions, 0, print, NOW) == 0
    assert tidy(tmp_path / "nothing", 30, print) == 0
    assert tidy(sessions, 1e300, print, NOW) == 0


def test_a_folder_that_cannot_be_removed_is_told_and_the_others_are(sessions, monkeypatch):
    said = []
    for name in ("2026-01-01_10-00-00", "2026-01-02_10-00-00"):
        recorded(sessions, name, days_ago=200)
    remove = retention.shutil.rmtree

    def held(folder):
        if folder.name.startswith("2026-01-01"):
            raise PermissionError("in use")
        remove(folder)

    monkeypatch.setattr(retention.shutil, "rmtree", held)
    assert tidy(sessions, 30, said.append, NOW) == 1
    assert left(sessions) == ["2026-01-01_10-00-00"]
    assert "in use" in said[0]


@pytest.mark.parametrize(("value", "days"), [("", KEEP_DAYS), (" 7 ", 7.0), ("0", 0.0), ("0.5", 0.5)])
def test_the_days_come_from_the_environment(value, days):
    assert keep_days({"HISTORY_KEEP_DAYS": value}, print) == days
    assert keep_days({}, print) == KEEP_DAYS


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "a month"])
def test_days_that_are_no_number_remove_nothing_and_are_told(value):
    said = []
    assert keep_days({"HISTORY_KEEP_DAYS": value}, said.append) == 0
    assert "HISTORY_KEEP_DAYS" in said[0]


@pytest.mark.parametrize("error", [ValueError("year 33658 is out of range"), OverflowError("too large")])
def test_a_file_of_a_time_that_no_calendar_has_keeps_its_folder_alone(sessions, monkeypatch, error):
    said = []
    odd = recorded(sessions, "2026-10-01_10-00-00", days_ago=52)
    recorded(sessions, "2026-10-02_10-00-00", days_ago=51)
    last_used = retention._last_used

    def read(folder):
        if folder == odd:
            raise error
        return last_used(folder)

    monkeypatch.setattr(retention, "_last_used", read)
    assert tidy(sessions, 30, said.append, NOW) == 1
    assert left(sessions) == [odd.name]
    assert odd.name in said[0]
