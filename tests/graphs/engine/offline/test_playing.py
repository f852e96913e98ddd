import asyncio

import numpy as np
import pytest

from graphs.engine.offline.playing import Player
from graphs.engine.offline.virtual import VirtualLoop
from schemas.playback import Heard, Speaking, Stop
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted


def turn(name, seconds=2.0, last=True):
    sound = np.zeros(round(seconds * 1000), np.float32)
    return [
        SpeechStarted(turn=name, sentence=0, text="안녕"),
        SpeechChunk(turn=name, sentence=0, samples=sound, rate=1000),
        SpeechEnded(turn=name, sentence=0, last=last),
    ]


def played(given, stops=()):
    """Play (seconds, event) and give what was reported as (seconds, event)."""
    loop, out = VirtualLoop(), []

    async def main():
        class Clock:
            now = staticmethod(loop.time)

        player = Player(Clock(), 0.25)

        async def note(events):
            async for event in events:
                out.append((round(loop.time(), 3), event))

        async def come():
            for at, event in sorted([*given, *stops], key=lambda each: each[0]):
                await asyncio.sleep(max(0.0, at - loop.time()))
                if isinstance(event, Stop):
                    told = player.stop(event)
                    if told is not None and event.by_host:
                        out.append((round(loop.time(), 3), told))
                else:
                    await note(player.take(event))
            player.complete()

        await asyncio.gather(come(), note(player.play()))

    loop.run_until_complete(main())
    loop.close()
    return out


def turns(out):
    return [
        (at, event.turn, event.speaking) for at, event in out if isinstance(event, Speaking) and event.left_s is None
    ]


def test_a_turn_that_came_while_another_one_was_on_follows_after_the_pause():
    out = played([(at, event) for at, name in ((0.0, "a"), (1.0, "b")) for event in turn(name)])
    assert turns(out) == [(0.0, "a", True), (2.0, "a", False), (2.0, "b", True), (4.25, "b", False)]
    sounds = [(at, event.turn) for at, event in out if isinstance(event, Heard) and not event.ended]
    assert sounds == [(0.0, "a"), (2.25, "b")]
    left = [
        (at, event.turn, event.left_s) for at, event in out if isinstance(event, Speaking) and event.left_s is not None
    ]
    assert left == [(0.0, "a", 2.0), (2.0, "b", 2.25)]


def test_one_that_came_later_begins_at_once():
    out = played([(0.0, event) for event in turn("a")] + [(3.0, event) for event in turn("b")])
    assert turns(out)[2] == (3.0, "b", True)
    assert next(at for at, event in out if isinstance(event, Heard) and event.turn == "b") == 3.0


@pytest.mark.parametrize(("stopped", "rest"), [("a", [("b", 0.5, 2.75)]), ("b", [("a", 0.0, 2.0)])])
def test_what_is_stopped_takes_no_more_time_and_what_comes_of_it_is_passed_over(stopped, rest):
    given = [(0.0, event) for name in ("a", "b") for event in turn(name)]
    out = played([*given, (1.0, SpeechEnded(turn=stopped, sentence=9, last=True))], [(0.5, Stop(turn=stopped))])
    whole = [(name, on, off) for name, on, off in rest]
    ends = {event.turn: at for at, event in out if isinstance(event, Heard) and event.ended}
    assert [(name, round(ends[name], 2)) for name, _, _ in whole] == [(name, off) for name, _, off in whole]
    assert stopped not in ends


def test_a_turn_that_makes_room_ends_after_its_sentence():
    more = [(0.0, event) for event in turn("a", last=False)] + [(0.0, event) for event in turn("a")]
    out = played(more, [(0.5, Stop(turn="a", after_sentence=True))])
    assert out[-1] == (2.0, Speaking(turn="a", speaking=False, yielded=True))


@pytest.mark.parametrize(("at", "share"), [(0.1, 0.0), (0.5, 0.25), (1.5, 0.75)])
def test_of_what_the_streamers_voice_stops_it_is_told_how_much_was_heard(at, share):
    out = played([(0.0, event) for event in turn("a")], [(at, Stop(turn="a", by_host=True))])
    assert out[-1] == (at, Speaking(turn="a", speaking=False, heard=share))


def test_a_turn_that_ends_its_sentence_for_the_streamer_tells_how_much_was_heard():
    more = [(0.0, event) for event in turn("a", last=False)] + [(0.0, event) for event in turn("a")]
    out = played(more, [(0.5, Stop(turn="a", after_sentence=True, by_host=True))])
    assert out[-1] == (2.0, Speaking(turn="a", speaking=False, heard=0.5))
