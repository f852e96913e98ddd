import asyncio

from nodes.audio._player import Player
from nodes.audio.play import Play
from schemas.playback import Heard, Level, Speaking
from tests.fakes import FakeWeb
from tests.nodes.audio.fakes import FakeClock, sentence


class NoWait:
    """Jobs whose sleeps are over at once."""

    async def sleep(self, seconds):
        await asyncio.sleep(0)


def test_what_one_job_could_not_give_yet_another_gives_in_the_same_order():
    async def story():
        clock = FakeClock()
        player = Player(Play(device="none", record=False), clock, NoWait(), FakeWeb(), None, None)
        speech = sentence(0.0, "a", 0, 0.5, last=True)
        feeding = player.feed(speech[0][1])
        first = await anext(feeding)
        for _, event in speech[1:]:
            async for _ in player.feed(event):
                raise AssertionError("nothing was played so far")
        clock.at = 0.5
        moving = player._run()
        given = [first, await anext(moving)]
        tending = player.tend()
        given += [await anext(tending) for _ in range(4)]
        return [type(event) for event in given], [getattr(event, "ended", None) for event in given]

    kinds, ended = asyncio.run(story())
    assert kinds == [Speaking, Level, Heard, Heard, Speaking, Level]
    assert ended[2:4] == [False, True]
