"""Allowed plugins, and the file that remembers them."""

import stat
from pathlib import Path

import pytest

from nodes.avatar._stage.grants import MOST, OF_ONE, Grants, mark_of

A = ("A plugin", "a")


def test_a_token_is_good_for_its_plugin_alone(tmp_path: Path) -> None:
    grants = Grants(tmp_path / "tokens.json")
    token = grants.grant(A)
    assert len(token) <= 64
    assert grants.good(A, token)
    assert not grants.good(("B plugin", "a"), token)
    assert not grants.good(A, "no such token \ud800")


def test_programs_of_one_name_do_not_void_the_tokens_of_each_other(tmp_path: Path) -> None:
    grants = Grants(tmp_path / "tokens.json")
    first, second = grants.grant(A), grants.grant(A)
    assert (grants.good(A, first), grants.good(A, second), len(grants)) == (True, True, 1)


def test_of_the_tokens_of_a_plugin_those_not_used_for_longest_are_forgotten_but_none_in_use(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    grants = Grants(file)
    tokens = [grants.grant(A) for _ in range(OF_ONE)]
    grants.save()
    assert grants.good(A, tokens[0])
    assert grants.unsaved
    grants.save()
    grants = loaded(file)
    for _ in range(OF_ONE - 2):
        grants.grant(A, in_use={mark_of(tokens[1])})
    assert [grants.good(A, token) for token in tokens] == [True, True, *[False] * (OF_ONE - 2)]


def test_the_file_outlives_a_restart_is_private_and_holds_no_token(tmp_path: Path) -> None:
    file = tmp_path / "new" / "tokens.json"
    grants = Grants(file)
    assert grants.load()
    token = grants.grant(A)
    assert grants.unsaved
    grants.save()
    assert not grants.unsaved
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token not in file.read_text()
    again = Grants(file)
    assert again.load()
    assert again.good(A, token)


def test_half_a_character_in_a_name_is_no_hindrance(tmp_path: Path) -> None:
    grants = Grants(tmp_path / "tokens.json")
    token = grants.grant(("half \ud83d", "a"))
    grants.save()
    again = Grants(tmp_path / "tokens.json")
    assert again.load()
    assert again.good(("half \ud83d", "a"), token)


@pytest.mark.parametrize("text", ["{", "[]", "\udcff"])
def test_a_damaged_file_is_told_and_forgotten(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokens.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert not Grants(file).load()


def test_a_damaged_file_is_put_aside_when_a_plugin_is_allowed_and_never_over_an_older_one(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    for text in ("{", "[", "("):
        file.write_text(text)
        grants = Grants(file)
        grants.load()
        assert file.read_text() == text
        for _ in range(2):
            grants.grant(A)
            grants.save()
        assert len(loaded(file)) == 1
    names = ["tokens.json.unreadable", "tokens.json.unreadable2", "tokens.json.unreadable3"]
    assert [(tmp_path / name).read_text() for name in names] == ["{", "[", "("]


def test_lines_that_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    file.write_text('{"a": ["x", 1], "b": 2, "c": ["name", "developer"]}')
    grants = Grants(file)
    assert grants.load()
    assert len(grants) == 1


def test_only_so_many_are_remembered(tmp_path: Path) -> None:
    grants = Grants(tmp_path / "tokens.json")
    first = grants.grant(A)
    for number in range(MOST):
        grants.grant((f"plugin {number}", "x"))
    assert len(grants) == MOST
    assert not grants.good(A, first)


def test_a_failed_write_leaves_no_scrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    grants = Grants(tmp_path / "tokens.json")
    grants.grant(A)
    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        grants.save()
    assert list(tmp_path.iterdir()) == []
    assert grants.unsaved
    monkeypatch.undo()
    grants.save()
    assert not grants.unsaved
    assert len(loaded(tmp_path / "tokens.json")) == 1


def loaded(path: Path) -> Grants:
    grants = Grants(path)
    assert grants.load()
    return grants
