import asyncio

from graphs.engine.observe.ahead import ahead
from graphs.engine.observe.why import why
from schemas.chat import ChatBatch, ChatMessage, Donation, HostLine
from tests.graphs.engine.observe.show import SHOW, WIRES
from tests.graphs.engine.stage import graph_of, play


def guest(id_):
    return ChatMessage(id=id_, author="손님", text="안녕", guest=True)


def test_a_guest_waits_for_the_open_turn_and_chat_for_everyone_who_goes_first():
    async def story(runtime):
        ledger, batched = runtime.ledger, runtime.turns.observers()[ChatBatch]
        open_ = ChatMessage(id="open", author="별", text="안녕")
        paid = Donation(id="paid", author="달", amount=1000)
        chat = ChatMessage(id="chat", author="별", text="또 안녕")
        for event in (open_, guest("g"), guest("h"), paid, chat):
            ledger.received(event)
        batched(ChatBatch(turn="t-open", lane="chat", events=(open_,)))
        assert [ahead(runtime, each) for each in ("open", "g", "h", "paid", "chat", "nobody")] == [0, 1, 1, 2, 3, 0]
        told = why(runtime, "g")
        assert (told["verdict"], told["ahead"], told["speaking"]) == ("waiting", 1, False)
        batched(ChatBatch(turn="t-g", lane="chat", events=(guest("g"),)))
        runtime.turns.end("t-open")
        assert [ahead(runtime, each) for each in ("g", "h", "paid")] == [0, 1, 2]
        await asyncio.sleep(0)

    play(graph_of(SHOW, *WIRES), story)


def test_it_says_whether_the_answer_is_heard():
    async def story(runtime):
        event = guest("g")
        runtime.ledger.received(event)
        observers = runtime.turns.observers()
        observers[ChatBatch](ChatBatch(turn="t-g", lane="chat", events=(event,)))
        assert (why(runtime, "g")["ahead"], why(runtime, "g")["speaking"]) == (0, False)
        runtime.turns.turns["t-g"].marks["first_sound"] = 1.0
        assert why(runtime, "g")["speaking"] is True
        await asyncio.sleep(0)

    play(graph_of(SHOW, *WIRES), story)


def test_the_streamer_goes_before_everyone():
    async def story(runtime):
        line = HostLine(id="line", author="방송인", text="초코야")
        for event in (Donation(id="paid", author="달", amount=1000), guest("g"), line):
            runtime.ledger.received(event)
        assert [ahead(runtime, each) for each in ("line", "g", "paid")] == [0, 1, 2]
        await asyncio.sleep(0)

    play(graph_of(SHOW, *WIRES), story)
