"""The Visual C++ runtime, behind a loader that lacks what a test says."""

import sys

import pytest

from nodes.visual_c import LIBRARIES, missing, remedy


@pytest.mark.parametrize("lacking", [(), ("msvcp140",), ("vcruntime140_1",), LIBRARIES])
def test_what_cannot_be_loaded_is_named(lacking: tuple[str, ...]) -> None:
    def load(name: str) -> None:
        if name in lacking:
            raise FileNotFoundError(f"Could not find module '{name}'")

    assert missing(load) == [f"{name}.dll" for name in lacking]


@pytest.mark.skipif(sys.platform == "win32", reason="there it depends on the machine")
def test_other_systems_lack_nothing() -> None:
    assert missing() == []


def test_the_remedy_names_the_package() -> None:
    assert "vc_redist" in remedy()
