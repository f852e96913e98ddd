"""Prints figures that a person wants to see even if all tests pass."""

from collections.abc import Callable

import pytest


@pytest.fixture
def figure(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Give a function that prints a line which is always shown."""

    def show(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {request.node.name}: {text}")

    return show
