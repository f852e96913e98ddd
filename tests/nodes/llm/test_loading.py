"""The load of a self-hosted model, outside of turns."""

import asyncio

from nodes.llm._loading import TOLD_S, Loading
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.traits import Traits
from nodes.llm._settings import Reply
from tests.harness import InKorean, LoopClock, Ran, _Log


def loading(base_url: str, *, loaded: bool = False, load_s: float = 300.0) -> Loading:
    config = Reply.model_validate({"base_url": base_url, "load_s": load_s})

    async def thread(call: object) -> object:
        raise AssertionError("nothing is asked here")

    return Loading(
        config,
        ChatApi(base_url, "", thread=thread),  # type: ignore[arg-type]
        Traits(loaded=loaded),
        persona=str,
        spoken=InKorean(),
        sleep=asyncio.sleep,
        clock=LoopClock(),
        log=_Log(Ran()),
    )


def test_turns_wait_a_moment_for_a_model_of_ones_own_and_never_for_a_service() -> None:
    async def story() -> list[bool]:
        own, service = loading("http://127.0.0.1:9/v1"), loading("https://api.groq.com/openai/v1")
        found = [await own.ready(0.01), await service.ready(0.01)]
        own.give_up()
        return [*found, await own.ready(TOLD_S)]

    assert asyncio.run(story()) == [False, True, True]


def test_a_model_that_answered_before_is_not_loaded_again_unless_it_falls_silent() -> None:
    async def story() -> list[bool]:
        here = loading("http://127.0.0.1:9/v1", loaded=True)
        first = await here.ready(0.01)
        here.begin()
        never = loading("http://127.0.0.1:9/v1", load_s=0.0)
        return [first, await here.ready(0.01), await never.ready(0.01)]

    assert asyncio.run(story()) == [True, False, True]
