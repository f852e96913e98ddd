"""nodes/commands.py: the commands and the logins of families."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import nodes.commands
from nodes.commands import Command, Desk, command, visit


def test_a_command_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes.load_all()
    monkeypatch.setattr(nodes.commands, "commands", {})

    @command("greet", "say hello")
    def greet(arguments: Sequence[str], root: Path, env: Mapping[str, str]) -> int:
        return len(arguments)

    assert nodes.commands.commands == {"greet": Command("greet", "say hello", greet)}


def test_a_login_is_found_by_its_service(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes.load_all()
    assert "chzzk" in nodes.commands.visits
    monkeypatch.setattr(nodes.commands, "visits", {})

    @visit("somewhere")
    async def enter(env: Mapping[str, str], desk: Desk) -> str:
        return "somebody"

    assert nodes.commands.visits == {"somewhere": enter}
