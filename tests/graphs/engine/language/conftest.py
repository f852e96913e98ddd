"""What is wrong with a graph is told in English here, as the source has it."""

from collections.abc import Iterator

import pytest

from nodes import phrases


@pytest.fixture(autouse=True, scope="module")
def told_in_english() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phrases, "_tongue", ["en"])
        yield
