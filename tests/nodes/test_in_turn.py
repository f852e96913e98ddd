from hypothesis import given
from hypothesis import strategies as st

from nodes.in_turn import MOST, InTurn
from schemas.playback import Speaking


class Seen:
    def __init__(self) -> None:
        self.taken: list[str] = []
        self.kept = InTurn(self.taken.append)

    def on(self, turn: str) -> None:
        self.kept.spoke(Speaking(turn=turn, speaking=True))

    def off(self, turn: str) -> None:
        self.kept.spoke(Speaking(turn=turn, speaking=False))


def test_where_nothing_is_said_it_takes_effect_at_once() -> None:
    seen = Seen()
    seen.kept.came("a", "happy")
    seen.on("a")
    seen.kept.came("a", "sad")
    assert seen.taken == ["happy", "sad"]


def test_what_belongs_to_the_next_turn_waits_until_the_one_that_is_on_is_over() -> None:
    seen = Seen()
    seen.on("a")
    seen.kept.came("b", "happy")
    seen.kept.came("b", "sad")
    seen.kept.spoke(Speaking(turn="a", speaking=True, left_s=1.0))
    assert seen.taken == []
    seen.off("a")
    assert seen.taken == ["sad"]
    seen.on("b")
    assert seen.taken == ["sad"]


def test_what_belongs_to_a_turn_that_is_never_said_is_forgotten() -> None:
    seen = Seen()
    seen.on("a")
    seen.kept.came("b", "happy")
    seen.kept.came("c", "sad")
    seen.off("b")
    assert seen.taken == []
    seen.off("a")
    assert seen.taken == ["sad"]


def test_a_turn_that_begins_without_an_end_of_the_one_before_has_its_own() -> None:
    seen = Seen()
    seen.on("a")
    seen.kept.came("b", "happy")
    seen.on("b")
    assert seen.taken == ["happy"]


@given(st.lists(st.tuples(st.sampled_from("co-"), st.integers(0, 40)), max_size=200))
def test_whatever_happens_little_waits_and_nothing_is_taken_twice(story: list[tuple[str, int]]) -> None:
    seen = Seen()
    for number, (what, turn) in enumerate(story):
        match what:
            case "c":
                seen.kept.came(f"t{turn}", str(number))
            case "o":
                seen.on(f"t{turn}")
            case _:
                seen.off(f"t{turn}")
        assert len(seen.kept._waiting) <= MOST
    assert len(set(seen.taken)) == len(seen.taken)
