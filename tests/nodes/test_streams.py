import asyncio

import pytest
import reactivex
from reactivex import Subject
from reactivex import operators as ops
from reactivex.scheduler.eventloop import AsyncIOScheduler

from nodes.streams import only, silent, together
from schemas.chat import ChatMessage, Donation
from tests.harness import on_virtual_time


def test_what_comes_right_after_the_subscription_is_not_missed():
    first, second, came = Subject(), Subject(), []
    together(first, second).subscribe(came.append, on_completed=lambda: came.append("end"))
    second.on_next(2)
    first.on_next(1)
    first.on_completed()
    second.on_next(3)
    second.on_completed()
    assert came == [2, 1, 3, "end"]


@pytest.mark.parametrize(("merge", "missed"), [(together, False), (reactivex.merge, True)])
def test_however_deep_it_is_nested_on_the_scheduler_of_the_engine(merge, missed):
    async def story():
        given, came = Subject(), []
        nested = given
        for _ in range(8):
            nested = merge(nested, reactivex.never())
        nested.subscribe(came.append, scheduler=AsyncIOScheduler(asyncio.get_running_loop()))
        await asyncio.sleep(0)
        given.on_next("first")
        assert came == ([] if missed else ["first"])

    on_virtual_time(story())


def test_an_output_port_gives_its_kind_alone_also_what_is_more_special():
    chat, donation = ChatMessage(id="a", author="x"), Donation(id="b", author="y", amount=1000)
    came = []
    both = reactivex.of(chat, donation)
    only(Donation, both).subscribe(came.append)
    assert came == [donation]
    only(type(chat).__mro__[1], both).subscribe(came.append)
    assert came == [donation, chat, donation]


def test_what_is_silent_still_works_fails_and_completes():
    seen, given = [], Subject()
    watched = silent(given.pipe(ops.do_action(seen.append)))
    watched.subscribe(lambda _: seen.append("came out"), on_completed=lambda: seen.append("end"))
    given.on_next(1)
    given.on_completed()
    assert seen == [1, "end"]
    silent(reactivex.throw(ValueError("bad"))).subscribe(on_error=lambda error: seen.append(str(error)))
    assert seen == [1, "end", "bad"]
