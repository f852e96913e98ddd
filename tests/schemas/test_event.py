from schemas.event import Event, kinds


class Weather(Event):
    pass


class Rain(Weather):
    pass


class Drizzle(Rain):
    pass


class Snow(Weather):
    pass


def test_the_kinds_of_an_event_are_itself_and_all_below_it_however_deep():
    assert kinds(Weather) == [Weather, Rain, Drizzle, Snow]
    assert kinds(Rain) == [Rain, Drizzle]
    assert kinds(Drizzle) == [Drizzle]
    assert {Weather, Drizzle, Snow} < set(kinds(Event))


def test_most_events_last_no_time():
    assert Snow().seconds == 0.0
