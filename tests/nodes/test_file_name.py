"""Names that become part of a file's name."""

import pytest

from nodes.file_name import unfit


@pytest.mark.parametrize(
    "name",
    ["live", "초코 방송 (1)", "a.b", "console", "com", "COM10", "nul_", "방송-2_b!", "lpt", "가" * 79, "x" * 100],
)
def test_a_name_that_every_system_takes_is_fit(name: str) -> None:
    assert unfit(name) == ""


UNFIT = (
    ["a/b", "..", ".", "../x", "a:b", "C:\\x", "CON", "nul", "com1.txt", "LPT9", "a?", "a*", 'a"', "<a>", "a|b"],
    ["a\nb", "a.", " a", "a ", ".a", "\x00", "x" * 101, "\ud800", "aux.graph", "CONIN$", "가" * 80, "😀" * 60],
)


@pytest.mark.parametrize("name", [name for row in UNFIT for name in row])
def test_a_path_a_device_or_a_sign_that_some_system_refuses_is_unfit(name: str) -> None:
    assert unfit(name)
