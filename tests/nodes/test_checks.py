"""nodes/checks.py: what a node type needs on air."""

from collections.abc import Sequence
from typing import Any

import pytest

import nodes.checks
from nodes.checks import Check, Finding, Probe, check


def test_a_live_check_is_found_by_the_node_types_that_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes.load_all()
    monkeypatch.setattr(nodes.checks, "checks", {})

    @check("chat.one", "chat.two", within_s=2.0)
    async def look(settings: Any, probe: Probe) -> Sequence[Finding]:
        raise AssertionError

    assert nodes.checks.checks == {"chat.one": Check(look, 2.0), "chat.two": Check(look, 2.0)}
