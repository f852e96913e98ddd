"""Figures that a person wants to see, also when all is green."""

from collections.abc import Callable

import pytest


@pytest.fixture
def figure(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print a line that is shown in any case."""

    def show(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {request.node.name}: {text}")

    return show
