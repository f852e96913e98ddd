import pytest

from nodes.bus._streams import FRESH_S, ROOM, WEEK_S, name_of, stream

api = pytest.importorskip("nats.js.api")


def test_a_stream_holds_the_events_of_one_class_of_one_graph():
    assert name_of("내 그래프", "sure").isascii()
    assert stream(api, "show", "sure").name == "aischoco_show_sure"
    assert stream(api, "show", "sure").subjects == ["aischoco.show.*.*.*.sure"]


@pytest.mark.parametrize(
    ("kind", "seconds"), [("fresh", FRESH_S), ("block", FRESH_S), ("sure", 120.0), ("dead", 120.0)]
)
def test_what_comes_twice_is_passed_over_no_longer_than_the_stream_keeps_it(kind, seconds):
    made = stream(api, "show", kind)
    assert made.duplicate_window == seconds
    assert made.duplicate_window <= made.max_age


def test_donations_are_on_disk_and_are_refused_rather_than_dropped():
    sure = stream(api, "show", "sure")
    assert sure.storage in (None, api.StorageType.FILE)
    assert (sure.discard, sure.max_age) == (api.DiscardPolicy.NEW, WEEK_S)


def test_each_server_holds_its_own_or_as_many_as_are_asked_for_hold_the_same():
    assert stream(api, "show", "sure").num_replicas == 1
    assert [stream(api, "show", kind, 3).num_replicas for kind in ("fresh", "sure", "block", "dead")] == [3] * 4


def test_chat_lets_the_oldest_go():
    fresh = stream(api, "show", "fresh")
    assert (fresh.discard, fresh.max_age) == (api.DiscardPolicy.OLD, FRESH_S)


def test_sound_is_held_for_its_readers_up_to_a_limit_for_each_edge():
    block = stream(api, "show", "block")
    assert (block.storage, block.retention) == (api.StorageType.MEMORY, api.RetentionPolicy.INTEREST)
    assert (block.max_msgs_per_subject, block.discard_new_per_subject) == (ROOM, True)
