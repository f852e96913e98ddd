"""``chat.batch``: decides which viewers the next turn answers."""

import asyncio

from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable
from reactivex.scheduler.eventloop import AsyncIOScheduler

from nodes import UNWIRED, Feedback, node
from nodes.chat._batch_settings import Batch
from nodes.chat._floor import Floor
from nodes.chat._host import Host
from nodes.chat._turns import TurnFormer
from nodes.services import Clock, Kept, Log, Pace, Verdicts
from schemas.chat import ChatBatch, ViewerEvent, Withdrawn
from schemas.host import HostTurn, Ignored
from schemas.playback import Speaking


@node("chat.batch")
def batch(
    config: Batch,
    chat: Observable[ViewerEvent],
    speaking: Feedback[Speaking] = UNWIRED,
    withdrawn: Observable[Withdrawn] = UNWIRED,
    host: Observable[HostTurn] = UNWIRED,
    ignored: Observable[Ignored] = UNWIRED,
    *,
    clock: Clock,
    kept: Kept,
    pace: Pace,
    verdicts: Verdicts,
    log: Log,
) -> Observable[ChatBatch]:
    """Gather viewers' messages into turns, one at a time: the next turn opens when the voice is soon free again.

    A batch closes ``quiet_s`` after its last event, ``max_wait_s`` after its first, or when it is full, but only once
    the previous turn is over: ``speaking`` reported its end, or nothing for ``turn_timeout_s`` since the turn began or
    its first sound. ``ahead_s`` before that end one turn opens, if ``speaking`` tells how much is left: its answer is
    made while the one before is still being said, and it is said whatever comes in between. Without ``speaking`` turns
    follow without waiting.

    Donations go first, then subscriptions, then mentions of a name, then other chat. With ``paid_alone`` a donation
    or a subscription shares its turn only with others of its kind; mentions and chat always share theirs. Of
    donations and subscriptions the oldest are answered first and none is dropped. Of chat the newest is answered
    first; the rest waits, and is dropped as ``stale`` or ``flood``; with ``only_mentions`` a message that calls no
    name is dropped at once (``not_mentioned``). If several channels come in, a turn takes the newest of each in
    rotation, and a flood drops the oldest of the channel with the most waiting, so that a loud channel does not crowd
    out a quiet one; with ``channel_alone`` each turn is for one channel, the one that was answered longest ago.
    Within a batch events are in order of arrival. When the chat ends, everything waiting is emitted at once, in as
    many batches as needed.

    A donation or a subscription that has waited ``yield_after_s`` while an answer to chat is being heard opens its turn
    before that one is over, which it names as ``over``: ``overlay.dock`` then ends it after the sentence that is being
    heard. 5 s are enough for an ordinary answer of two sentences, and about the time of a donation's alert. So it does
    with a topic of ``chat.silence``, without waiting. It never ends the turn of a donation or a subscription.

    What a ``guest`` wrote (``guest`` of ``chat.typed``) goes before all of this, in a turn of its own: an answer to
    chat ends for it after the sentence that is being heard, without waiting, unless ``yield_after_s`` is null.

    While the streamer speaks (``host``) no turn opens, nor for ``after_host_s`` after it, but for the answer to her:
    what she said (lane ``host``) is answered at once and before everything else, and chat waits up to ``host_line_s``
    for her words, unless they are ``ignored``. Of a turn that her voice cut off before anything of it was heard, the
    viewers wait for another one. Of one that was heard in part, chat is done with, and donations and subscriptions of
    which less than ``make_up_below`` was heard are thanked once more, after her answer, in a turn with ``make_up``:
    once for each of them.

    Events ``withdrawn`` before their turn are not answered, donations included.
    """

    def subscribe(observer: ObserverBase[ChatBatch], scheduler: SchedulerBase | None = None) -> DisposableBase:
        timers = scheduler or AsyncIOScheduler(asyncio.get_running_loop())
        floor, streamer = kept.keep("floor", Floor), kept.keep("host", Host)
        waits = speaking is not UNWIRED
        if not waits:
            floor.clear()
        if host is UNWIRED:
            streamer.gone()
        former = TurnFormer(config, floor, streamer, observer, timers, clock, pace, verdicts, log, waits=waits)
        return CompositeDisposable(
            former,
            speaking.subscribe(former.heard, observer.on_error, former.voice_gone, scheduler=scheduler),
            withdrawn.subscribe(former.withdraw, observer.on_error, scheduler=scheduler),
            host.subscribe(former.host, observer.on_error, former.host_gone, scheduler=scheduler),
            ignored.subscribe(former.ignored, observer.on_error, scheduler=scheduler),
            chat.subscribe(former.take, observer.on_error, former.flush, scheduler=scheduler),
        )

    return Observable(subscribe)
