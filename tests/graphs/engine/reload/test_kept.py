"""graphs/engine/reload/kept.py: every saved text is kept, and undo and redo walk along them."""

import json

import pytest

from graphs.engine.reload import kept as module
from graphs.engine.reload.kept import INDEX, KeptTexts, base_of


@pytest.fixture
def kept(tmp_path):
    made = KeptTexts(tmp_path / "g")
    made.found(b"0")
    for number in (1, 2, 3):
        made.add(b"%d" % number, [f"change {number}"])
    return made


def walk(kept, by):
    text = kept.step(by)
    kept.went(by)
    return kept.raw(text)


def test_undo_and_redo_give_the_same_bytes(kept):
    assert [walk(kept, by) for by in (-1, -1, -1, 1, 1, 1)] == [b"2", b"1", b"0", b"1", b"2", b"3"]
    assert kept.step(1) is None
    assert list(kept.undone(-1).what) == ["change 3"]
    walk(kept, -1)
    assert [list(kept.undone(by).what) for by in (-1, 1)] == [["change 2"], ["change 3"]]
    for _ in range(2):
        walk(kept, -1)
    assert kept.step(-1) is kept.undone(-1) is None


def test_what_was_undone_before_another_change_is_kept_and_no_longer_redone(kept):
    walk(kept, -1)
    kept.add(b"other", ["other"])
    assert kept.step(1) is None
    assert walk(kept, -1) == b"2"
    assert [kept.raw(each) for each in kept.texts] == [b"0", b"1", b"2", b"3", b"other"]
    assert kept.by_base(base_of(b"3")) == b"3"
    assert kept.by_base("x") is None


def test_a_text_that_came_by_hand_is_a_step_too_and_is_noted_once(kept):
    kept.found(b"3")
    kept.found(b"by hand")
    kept.found(b"by hand")
    assert len(kept.texts) == 5
    assert walk(kept, -1) == b"3"


def test_another_run_finds_them(kept, tmp_path):
    walk(kept, -1)
    again = KeptTexts(tmp_path / "g")
    assert [list(each.what) for each in again.texts] == [[], ["change 1"], ["change 2"], ["change 3"]]
    assert walk(again, 1) == b"3"
    assert sorted(path.name for path in (tmp_path / "g").iterdir()) == sorted([*(t.name for t in kept.texts), INDEX])
    assert kept.texts[0].name.endswith("_0001.yaml")


@pytest.mark.parametrize(
    "said", ["", "{}", '{"texts": [], "steps": ["a"], "at": 0}', '{"texts": [{}], "steps": [], "at": 0}']
)
def test_without_its_index_it_begins_anew(tmp_path, said):
    (tmp_path / INDEX).write_text(said, encoding="utf-8")
    kept = KeptTexts(tmp_path)
    assert kept.texts == ()
    kept.found(b"1")
    assert json.loads((tmp_path / INDEX).read_text(encoding="utf-8"))["at"] == 0


def test_the_oldest_goes_when_there_are_too_many(kept, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "MOST", 3)
    kept.add(b"4", ["change 4"])
    assert [kept.raw(each) for each in kept.texts] == [b"2", b"3", b"4"]
    assert len(list((tmp_path / "g").iterdir())) == 4
    assert [walk(kept, by) for by in (-1, -1)] == [b"3", b"2"]
    assert kept.step(-1) is None


def test_a_file_that_is_lost_is_told_as_such(kept, tmp_path):
    (tmp_path / "g" / kept.texts[0].name).unlink()
    assert kept.by_base(base_of(b"0")) is None
    with pytest.raises(OSError):  # noqa: PT011
        kept.raw(kept.texts[0])
