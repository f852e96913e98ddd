import json

from nodes.overlay._dock_state import Held, Saying, State, Turn, reason
from schemas.chat import ChatBatch, ChatMessage, Donation

EVENTS = ChatMessage(id="m", author="달\u202e토끼", text="안\u0000녕"), Donation(id="d", author="바다", amount=1000)
BATCH = ChatBatch(turn="t", lane="donation", events=EVENTS)


def test_a_page_is_sent_plain_json_with_everything_that_it_shows() -> None:
    state = State(paused=True, said=1)
    state.open["t"] = Turn("t", 1.23456, 2.0, batch=BATCH)
    state.held["h"] = Held(ChatBatch(turn="h", lane="chat", events=(), topic="날씨"), 3.0)
    state.sayings.append(Saying("dock-1", "공지", None))
    state.past += [{"id": str(number)} for number in range(9)]
    told = json.loads(json.dumps(state.message(5.0)))
    assert (told["type"], told["now"], told["paused"], told["muted"]) == ("state", 5.0, True, False)
    assert (told["turns"][0]["since"], told["turns"][0]["lane"]) == (1.235, "donation")
    assert told["held"] == [{"id": "h", "since": 3.0, "lane": "chat", "topic": "날씨", "messages": []}]
    assert told["sayings"] == [{"id": "dock-1", "text": "공지", "emotion": None}]
    assert [past["id"] for past in told["past"]] == ["4", "5", "6", "7", "8"]
    assert "neutral" in told["emotions"]


def test_what_viewers_wrote_is_cleaned() -> None:
    first, second = reason(BATCH)["messages"]
    assert (first["user"], first["message"]) == ("달 토끼", "안 녕")
    assert (second["kind"], second["amount"]) == ("donation", 1000)


def test_a_turn_that_did_not_pass_here_has_no_reason() -> None:
    assert reason(None) == {"lane": "", "topic": "", "messages": []}


def test_sentences_stand_in_their_order_and_keep_what_is_known_of_them() -> None:
    turn = Turn("t", 0.0, 0.0)
    turn.put(1, "둘")
    turn.put(0, "하나", emotion="happy")
    turn.put(0, "하나", fraction=0.5)
    turn.put(2, " ")
    assert turn.item()["sentences"] == [
        {"id": 0, "emotion": "happy", "fraction": 0.5, "text": "하나"},
        {"id": 1, "emotion": "neutral", "fraction": 0.0, "text": "둘"},
    ]
    assert turn.heard
