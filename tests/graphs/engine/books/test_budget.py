from dataclasses import replace

import numpy as np
import pytest

from graphs.engine.books.budget import TurnBudget, TurnPace, chat_to_voice, rank
from graphs.engine.books.ledger import Ledger
from graphs.engine.books.turns import MARKS, Turn, Turns
from graphs.engine.flow.runtime import Runtime
from graphs.engine.reload.reloader import Reloader
from nodes.services import Budget
from schemas.chat import ChatBatch, ChatMessage
from schemas.playback import Speaking
from schemas.speech import SpeechChunk
from tests.graphs.engine.books.test_turns import Show, batch
from tests.graphs.engine.stage import graph_of, play

SHOW = {"source": ("chat.count", {"count": 1}), "batch": "chat.single", "voice": "audio.say"}
WIRES = ("source -> batch", "batch -> voice")


def turn(received, first_sound):
    return Turn("t", "chat", (), {**dict.fromkeys(MARKS), "received": received, "first_sound": first_sound})


def test_what_is_left_runs_down_from_the_first_message_of_the_turn():
    show = Show()
    budget = TurnBudget(show.turns, lambda: 4.0)
    for at, name in ((1.0, "a"), (2.0, "b")):
        show.time = at
        show.ledger.received(ChatMessage(id=name, author="x"))
    show.at(3.0, batch("t", "a", "b"))
    assert budget.left("t") == 2.0
    show.time = 6.0
    assert budget.left("t") == -1.0


def test_nothing_is_promised_without_a_budget_without_viewers_and_to_unknown_turns():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, batch("t", "a"))
    show.at(1.0, batch("topic"))
    assert TurnBudget(show.turns, lambda: None).left("t") is None
    assert TurnBudget(show.turns, lambda: 4.0).left("topic") is None
    assert TurnBudget(show.turns, lambda: 4.0).left("nobody") is None


def test_the_times_of_turns_and_how_many_were_over_their_budget():
    turns = [turn(0.0, float(seconds)) for seconds in range(1, 21)]
    mute = [turn(None, 3.0), turn(1.0, None)]
    assert chat_to_voice([*turns, *mute], 19.0) == {
        "turns": 20,
        "p50": 10.0,
        "p95": 19.0,
        "budget_s": 19.0,
        "over": 1,
        "over_share": 0.05,
    }
    nothing = {"p50": None, "p95": None, "budget_s": None, "over": None, "over_share": None}
    assert chat_to_voice(mute, None) == {"turns": 0, **nothing}
    assert chat_to_voice([], 2.0) == {"turns": 0, **nothing, "budget_s": 2.0, "over": 0}


@pytest.mark.parametrize(("part", "found"), [(0.5, 2.0), (0.51, 3.0), (1.0, 4.0)])
def test_a_rank_is_the_smallest_that_enough_do_not_exceed(part, found):
    assert rank([1.0, 2.0, 3.0, 4.0], part) == found


def test_nodes_are_lent_the_budget_of_the_graph_that_is_on_air():
    graph = graph_of(SHOW, *WIRES)

    async def story(runtime):
        budget = runtime._services[Budget]
        await Runtime.idle(runtime)
        runtime.turns.turns["t"] = turn(runtime.now(), None)
        left = [budget.left("t")]
        reloader = Reloader(runtime)
        for seconds in (9.0, None):
            await reloader.apply(replace(graph, budget_s=seconds))
            left.append(budget.left("t"))
        assert left == [None, 9.0, None]
        assert runtime.stations["voice"].restarts == 0

    play(graph, story)


def test_the_pace_is_what_nine_of_the_last_turns_in_ten_took_to_their_first_sound():
    time = [0.0]
    turns = Turns(lambda: time[0], Ledger(lambda: time[0]))
    pace = TurnPace(turns)
    assert pace.sound_s() is None
    sound = np.zeros(1, np.float32)
    for number in range(30):
        take = turns.observers()
        take[ChatBatch](ChatBatch(turn=f"t{number}", lane="chat", events=()))
        time[0] += 9.0 if number < 10 else 0.1 * (number - 9)
        for _ in range(2):
            take[SpeechChunk](SpeechChunk(turn=f"t{number}", sentence=0, samples=sound, rate=24_000))
            time[0] += 1.0
    assert pace.sound_s() == pytest.approx(1.8)
    turns.observers()[SpeechChunk](SpeechChunk(turn="dock-1", sentence=0, samples=sound, rate=24_000))
    assert pace.sound_s() == pytest.approx(1.8)


def test_the_show_is_idle_while_no_turn_is_open():
    time = [5.0]
    turns = Turns(lambda: time[0], Ledger(lambda: time[0]))
    pace, take = TurnPace(turns), turns.observers()
    assert pace.idle_s() == 5.0
    for turn in ("a", "b"):
        take[ChatBatch](ChatBatch(turn=turn, lane="chat", events=()))
    time[0] = 9.0
    assert pace.idle_s() == 0.0
    take[Speaking](Speaking(turn="a", speaking=False))
    assert pace.idle_s() == 0.0
    take[Speaking](Speaking(turn="b", speaking=False))
    time[0] = 12.0
    assert pace.idle_s() == 3.0
