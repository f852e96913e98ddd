"""The real nodes over loopback with servers as they are, however their bytes are cut."""

import asyncio

import pytest

from nodes.services import Worker
from nodes.speech._http.voice import Http, HttpVoice
from nodes.speech._speaking.voice import VoiceError
from schemas.reply import Sentence
from tests.harness import LoopClock, Ran, _Log
from tests.peers.llm_peer import Answering
from tests.peers.server_stories import MODELS, SILENT, SOUND, TEXT, VOICES, Story, served

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(60)]
STEPS = (100_000, 7)


def _name(story: Story) -> str:
    return f"{story.server} {story.does}"


@pytest.mark.parametrize("story", MODELS, ids=_name)
async def test_a_model_server_is_understood(story: Story) -> None:
    for step in STEPS:
        async with (
            served(story, step) as (url, asked),
            Answering({"base_url": url, "first_s": 10.0, "idle_s": 5.0, "total_s": 20.0, "load_s": 0.0}) as answering,
        ):
            port, _ = await answering.turn("t1", "안녕 초코야")
            assert (port, answering.text("t1").strip()) == ("response", TEXT), answering.ran.log
            assert len(asked) == story.requests
            assert not set(story.without) & set(asked[-1])


HELLO = Sentence(turn="t1", index=0, text=TEXT, spoken=TEXT, emotion="happy", last=True)


class _Here:
    """A ``Worker`` without threads."""

    async def thread(self, call: object, *args: object) -> object:
        return call(*args)  # type: ignore[operator]

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@pytest.mark.parametrize("story", VOICES, ids=_name)
async def test_a_voice_server_is_understood(story: Story) -> None:
    for step in STEPS:
        async with served(story, step) as (url, _):
            worker: Worker = _Here()  # type: ignore[assignment]
            voice = HttpVoice(Http.model_validate({"urls": (url,), "api": "openai"}), worker, LoopClock(), _Log(Ran()))
            try:
                if story.does in SILENT:
                    with pytest.raises(VoiceError):
                        _ = [sound async for sound in voice.say(HELLO)]
                    continue
                heard = [sound async for sound in voice.say(HELLO)]
                more = sum(len(sound.samples) for sound in heard) - len(SOUND)
                assert 0 <= more < (2400 if "MP3" in story.does else 1), "MP3 has silence around the sound"
                assert {sound.rate for sound in heard} == {24_000}
            finally:
                await voice.close()
