import pytest

from nodes.avatar._vts.calls import ApiError
from nodes.avatar._vts.drawn import SLOWEST_HZ, Drawn


def test_until_it_is_told_every_movement_is_worth_sending() -> None:
    assert Drawn().gap_s == 0.0


@pytest.mark.parametrize(("hz", "sent"), [(60, 60), (30, 30), (20, 20), (0, SLOWEST_HZ)])
def test_of_sixty_movements_a_second_as_many_are_sent_as_are_drawn(hz: int, sent: float) -> None:
    drawn, last, count = Drawn(), -1.0, 0
    drawn.told({"framerate": hz})
    for number in range(600):
        now = number / 60
        if now - last >= drawn.gap_s:
            last, count = now, count + 1
    assert count / 10 == pytest.approx(sent, rel=0.5 if not hz else 0.01)


@pytest.mark.parametrize("answer", [ApiError(1, "off"), {}, {"framerate": "30"}, {"framerate": None}])
def test_an_answer_that_tells_nothing_holds_nothing_back(answer: object) -> None:
    drawn = Drawn()
    drawn.told({"framerate": 30})
    drawn.told(answer)  # type: ignore[arg-type]
    assert drawn.gap_s == 0.0


def test_it_is_asked_once_a_second() -> None:
    drawn = Drawn()
    assert [now for now in (0.0, 0.5, 0.9, 1.0, 1.5, 2.1) if drawn.ask(now)] == [0.0, 1.0, 2.1]
