import pytest

from nodes.bus._streams import FRESH_S, ROOM, WEEK_S, name_of, stream

api = pytest.importorskip("nats.js.api")


def test_a_stream_holds_the_events_of_one_class_of_one_graph():
    assert name_of("내 그래프", "sure").isascii()
    assert stream(api, "show", "sure").name == "aischoco_show_sure"
    assert stream(api, "show", "sure").subjects == ["aischoco.show.*.*.*.sure"]


def test_donations_are_on_disk_and_are_refused_rather_than_dropped():
    sure = stream(api, "show", "sure")
    assert sure.storage in (None, api.StorageType.FILE)
    assert (sure.discard, sure.max_age) == (api.DiscardPolicy.NEW, WEEK_S)


def test_chat_lets_the_oldest_go():
    fresh = stream(api, "show", "fresh")
    assert (fresh.discard, fresh.max_age) == (api.DiscardPolicy.OLD, FRESH_S)


def test_sound_is_held_for_its_readers_up_to_a_limit_for_each_edge():
    block = stream(api, "show", "block")
    assert (block.storage, block.retention) == (api.StorageType.MEMORY, api.RetentionPolicy.INTEREST)
    assert (block.max_msgs_per_subject, block.discard_new_per_subject) == (ROOM, True)
