"""nodes/vault.py: the keyring of the operating system."""

import json
import sys
import types
from pathlib import Path

import pytest

from nodes.vault import SERVICE, forgotten, stored, system_vault


class Keys:
    """A keyring in memory."""

    def __init__(self, fails: bool = False, forgets: bool = False, priority: float = 5) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.fails = fails
        self.forgets = forgets
        self.priority = priority
        self.keeps_on = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.fails:
            raise RuntimeError("no session bus: MARK")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.fails:
            raise RuntimeError("no session bus: MARK")
        if not self.forgets:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.fails or self.keeps_on:
            raise RuntimeError("locked")
        del self.kept[service, username]


@pytest.mark.parametrize(("priority", "counts"), [(5, True), (1, True), (0.5, False), (0, False), (-1, False)])
def test_only_a_keyring_that_is_recommended_counts(
    monkeypatch: pytest.MonkeyPatch, priority: float, counts: bool
) -> None:
    package = types.ModuleType("keyring")
    package.get_keyring = lambda: Keys(priority=priority)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", package)
    assert (system_vault() is not None) is counts


@pytest.mark.parametrize(
    ("backend", "counts"),
    [
        ("tests.nodes.own_keyring.Keyring", True),
        ("keyring.backends.null.Keyring", False),
        ("keyring.backends.fail.Keyring", False),
    ],
)
def test_a_backend_of_the_real_package_keeps_a_secret_if_it_keeps_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, backend: str, counts: bool
) -> None:
    core = pytest.importorskip("keyring.core", reason="keyring is not installed (requirements-keyring.txt)")
    monkeypatch.setattr(core, "_keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setenv("OWN_KEYRING", str(tmp_path / "keys.json"))
    vault = system_vault()
    assert (vault is not None) is counts
    if vault is not None:
        assert stored(vault, "a", "MARK")
        assert json.loads((tmp_path / "keys.json").read_text("utf-8")) == {f"{SERVICE} a": "MARK"}
        forgotten(vault, "a")
        forgotten(vault, "a")
        assert vault.get_password(SERVICE, "a") is None


def test_without_the_package_there_is_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # type: ignore[arg-type]
    assert system_vault() is None


def test_a_secret_counts_as_kept_only_if_it_can_be_read_again() -> None:
    keys = Keys()
    assert stored(keys, "a", "MARK")
    assert keys.kept == {(SERVICE, "a"): "MARK"}
    forgotten(keys, "a")
    forgotten(keys, "a")
    assert keys.kept == {}
    assert not stored(Keys(fails=True), "a", "MARK")
    assert not stored(Keys(forgets=True), "a", "MARK")
