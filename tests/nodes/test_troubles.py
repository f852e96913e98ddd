from nodes.troubles import MOST, Troubles
from schemas.light import Condition


class Told(Troubles):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, text: str, **fields: object) -> None:
        self.lines.append(f"info {text} {fields}" if fields else f"info {text}")

    def warning(self, text: str, **fields: object) -> None:
        self.lines.append(f"warning {text} {fields}" if fields else f"warning {text}")


def test_a_trouble_is_said_once_until_it_is_well_again() -> None:
    log = Told()
    for _ in range(3):
        log.trouble("disk", "the disk is full")
    assert log.lines == ["warning the disk is full"]
    log.well("disk", "there is room again")
    log.trouble("disk", "the disk is full")
    assert log.lines == ["warning the disk is full", "info there is room again", "warning the disk is full"]


def test_the_same_trouble_with_another_text_is_said() -> None:
    log = Told()
    for text in ("slow", "gone", "slow", "gone"):
        log.trouble("server", text)
    assert log.lines == ["warning slow", "warning gone"]


def test_another_trouble_with_the_same_text_is_said() -> None:
    log = Told()
    log.trouble("first", "gone")
    log.trouble("second", "gone")
    log.well("first")
    log.trouble("second", "gone")
    log.trouble("first", "gone")
    assert log.lines == ["warning gone", "warning gone", "warning gone"]


def test_what_never_was_wrong_is_not_well_again() -> None:
    log = Told()
    log.well("disk", "there is room again")
    log.trouble("other", "x")
    log.well("disk", "there is room again")
    assert log.lines == ["warning x"]
    log.well("other", "y")
    log.well("other", "y")
    assert log.lines == ["warning x", "info y"]


def test_it_can_be_well_again_without_a_word() -> None:
    log = Told()
    log.trouble("disk", "full")
    log.well("disk")
    log.trouble("disk", "full")
    assert log.lines == ["warning full", "warning full"]


def test_fields_go_into_both_lines_and_do_not_make_a_trouble_another_one() -> None:
    log = Told()
    log.trouble("disk", "full", mb=1)
    log.trouble("disk", "full", mb=2)
    log.well("disk", "room", mb=3)
    assert log.lines == ["warning full {'mb': 1}", "info room {'mb': 3}"]


def test_a_trouble_whose_text_is_always_another_is_remembered_within_bounds() -> None:
    log = Told()
    for number in range(1000):
        log.trouble("server", f"no answer within {number} ms")
    assert len(log.lines) == 1000
    assert len(log._standing["server"]) == MOST


def test_it_is_known_what_is_wrong_awaited_and_well_now() -> None:
    log = Told()
    assert log.conditions == {}
    log.trouble("disk", "full")
    log.well("server")
    log.awaited("avatar", "allow it")
    conditions = {
        "disk": Condition("bad", "full"),
        "server": Condition("good"),
        "avatar": Condition("waiting", "allow it"),
    }
    assert log.conditions == conditions
    assert log.lines == ["warning full"], "only a trouble is a line"
    log.trouble("disk", "gone")
    log.trouble("disk", "full")
    assert log.conditions["disk"] == Condition("bad", "full"), "the latest, though it was logged before"


def test_after_a_restart_only_troubles_are_remembered() -> None:
    log = Told()
    log.trouble("disk", "full")
    log.well("server")
    log.awaited("avatar")
    log.begin_again()
    assert log.conditions == {"disk": Condition("bad", "full")}
    log.trouble("disk", "full")
    assert log.lines == ["warning full"], "and are not said again"
