"""nodes/chat/_chzzk/scopes.py"""

from nodes.chat._chzzk.scopes import CHAT_SETTINGS, MORE, NOTICE, READ, RESTRICT, SESSION, scope
from tests.nodes.chat.chzzk_channel import SCOPES


def test_every_call_has_the_scope_that_the_service_asks_for() -> None:
    for call, needed in SCOPES.items():
        method, _, path = call.partition(" ")
        assert scope(path, method) == needed
    assert scope(CHAT_SETTINGS) != scope(CHAT_SETTINGS, "PUT")
    assert scope(SESSION) == ""


def test_what_nodes_need_is_all_that_they_call_and_the_stream_key_is_never_asked_for() -> None:
    asked = {*READ, *(each for scopes in MORE.values() for each in scopes)}
    assert asked >= {*SCOPES.values(), scope(NOTICE), scope(RESTRICT)}
    assert "" not in asked
    assert not any("스트림키" in each for each in asked)
