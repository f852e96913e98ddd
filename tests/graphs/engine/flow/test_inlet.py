import pytest

from graphs.engine.flow.inlet import Inlet


def test_every_observer_gets_every_event_in_order_of_subscription():
    inlet, seen = Inlet(), []
    inlet.subscribe(lambda event: seen.append(("a", event)))
    inlet.subscribe(lambda event: seen.append(("b", event)))
    inlet.on_next(1)
    assert seen == [("a", 1), ("b", 1)]


def test_an_observer_that_left_gets_nothing_more_even_in_the_middle_of_an_event():
    inlet, seen = Inlet(), []
    second = inlet.subscribe(seen.append)
    second.dispose()
    inlet.on_next(1)
    assert seen == []


def test_completion_reaches_all_and_whoever_comes_later():
    inlet, ends = Inlet(), []
    inlet.subscribe(on_completed=lambda: ends.append("early"))
    inlet.on_completed()
    inlet.subscribe(on_completed=lambda: ends.append("late"))
    inlet.on_next(1)
    assert ends == ["early", "late"]


def test_an_error_in_an_observer_is_raised_to_the_engine():
    inlet = Inlet()
    inlet.subscribe(lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        inlet.on_next(1)


def test_an_error_ends_the_observers():
    inlet, errors = Inlet(), []
    inlet.subscribe(on_error=errors.append)
    inlet.on_error(ValueError("x"))
    inlet.on_error(ValueError("y"))
    assert [str(error) for error in errors] == ["x"]


def test_an_observer_that_comes_or_goes_counts_from_the_next_event_on():
    inlet, seen = Inlet(), []
    first = inlet.subscribe(lambda event: seen.append(("a", event)))
    inlet.on_next(1)
    inlet.subscribe(lambda event: seen.append(("b", event)))
    inlet.on_next(2)
    first.dispose()
    inlet.on_next(3)
    assert seen == [("a", 1), ("a", 2), ("b", 2), ("b", 3)]
