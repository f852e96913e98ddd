"""``audio.play``: plays the voice and reports what was heard."""

from typing import NamedTuple

import reactivex
from reactivex import Observable
from reactivex import operators as ops

from nodes import UNWIRED, Feedback, node
from nodes.audio._outputs import RATE
from nodes.audio._player import Player
from nodes.audio._settings import Play
from nodes.audio._timeline import Timeline
from nodes.audio._track import Track
from nodes.services import Clock, Files, Jobs, Kept, Log, Web
from nodes.streams import only, silent, together
from schemas.chat import ViewerEvent
from schemas.event import Event
from schemas.playback import Heard, Level, Muted, Speaking, Stop
from schemas.speech import Speech


class Voice(NamedTuple):
    """What was heard, on three ports."""

    speaking: Observable[Speaking]
    heard: Observable[Heard]
    level: Observable[Level]


@node("audio.play", exclusive=True, light="voice")
def play(
    config: Play,
    speech: Observable[Speech],
    stop: Feedback[Stop] = UNWIRED,
    alert: Observable[ViewerEvent] = UNWIRED,
    muted: Feedback[Muted] = UNWIRED,
    *,
    clock: Clock,
    jobs: Jobs,
    web: Web,
    files: Files,
    kept: Kept,
    log: Log,
) -> Voice:
    """Play the voice through a device, a page or nothing, and tell what of it was heard.

    A turn that is stopped goes silent at once: it fades within 10 ms, its sentence ends with the fraction that was
    heard, and anything of it that arrives later is ignored. Stopped ``after_sentence``, it says the sentence that is
    being heard to its end, or its first one if none was heard yet. While ``muted`` nothing sounds; all else continues
    in time. After a reload it goes on with the turn that it was saying.
    """

    def heard() -> Observable[Event]:
        track, timeline = kept.keep("track", Track), kept.keep("timeline", lambda: Timeline(RATE))
        player = Player(config, track, timeline, clock, jobs, web, files, log)
        stopping = stop.pipe(ops.do_action(player.stop), ops.filter(lambda each: not each.after_sentence))
        feeding = speech.pipe(ops.do_action(on_completed=player.complete), jobs.each(player.feed, stopping))
        playing = jobs.source(player.play, to_the_end=True)
        tending = jobs.source(player.tend)
        alerts = silent(alert.pipe(ops.do_action(player.alert)))
        muting = silent(muted.pipe(ops.do_action(player.mute)))
        fed = feeding.pipe(ops.do_action(on_completed=player.fed))
        return together(fed, playing, tending, alerts, muting).pipe(ops.finally_action(player.dispose))

    events = reactivex.defer(lambda _: heard()).pipe(ops.share())
    return Voice(only(Speaking, events), only(Heard, events), only(Level, events))
