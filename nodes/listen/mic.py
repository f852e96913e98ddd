"""``listen.mic``: hears the streamer through a microphone."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Never, TypeVar

import reactivex
from pydantic import Field
from reactivex import Observable, Subject
from reactivex import operators as ops
from reactivex.abc import SchedulerBase

from nodes import UNWIRED, Feedback, node
from nodes.listen._detector import Detector
from nodes.listen._ear import Ear
from nodes.services import Clock, Files, Jobs, Kept, Log
from nodes.streams import only, silent, together
from schemas.event import Event
from schemas.host import HostTurn, Ignored, MicMode, MicOrder, MicState, Utterance
from schemas.playback import Heard, Level, Speaking, Stop
from schemas.settings import Live, Settings

E = TypeVar("E", bound=Event)


class Mic(Settings):
    """Settings of ``listen.mic``."""

    device: str = Field(
        "auto",
        min_length=1,
        title="Microphone",
        description="auto: the default microphone. Anything else: (a part of) the name of one; until it is there, "
        "nothing is heard.",
    )
    mode: MicMode = Field(
        "hold",
        title="When it listens",
        description="off: nothing is heard, and the microphone is closed. hold: while the key of the dock is held. "
        "name: what calls the character by name. open: everything. The dock changes it during the show.",
    )
    end_s: Annotated[float, Live()] = Field(
        0.8,
        ge=0.2,
        le=5,
        title="Silence that ends a turn",
        description="The streamer is done after this long without a word; longer after a sound of thinking.",
    )
    cut: Annotated[Literal["auto", "now", "sentence", "no"], Live()] = Field(
        "auto",
        title="When the streamer speaks",
        description="What happens to the answer that is being said when the streamer speaks. now: it falls silent. "
        "sentence: it ends after its sentence. no: it goes on. auto: sentence with the mode name, otherwise now.",
    )
    quiet_db: Annotated[float, Live()] = Field(
        -50.0,
        ge=-90,
        le=0,
        title="Quietest voice",
        description="What is quieter than this is not taken for the streamer, in dB of full scale.",
    )
    key_s: Annotated[float, Live()] = Field(
        60.0,
        ge=1,
        le=3600,
        title="Longest hold of the key",
        description="The key is released after this long if nothing says so: a button may be gone before it is "
        "released.",
    )
    record: bool = Field(
        False,
        title="Record",
        description="Write what the streamer says as WAV files into the folder of the run. The dock says so all the "
        "while.",
    )
    file: Path | None = Field(
        None,
        title="File instead of a microphone",
        description="A WAV file that is heard in place of a microphone, for a rehearsal.",
    )


class Heeded(NamedTuple):
    """What was heard, on a port for each kind."""

    turn: Observable[HostTurn]
    utterance: Observable[Utterance]
    stop: Observable[Stop]
    ignored: Observable[Ignored]
    state: Observable[MicState]


@node("listen.mic", exclusive=True)
def mic(
    config: Mic,
    order: Feedback[MicOrder] = UNWIRED,
    speaking: Feedback[Speaking] = UNWIRED,
    heard: Feedback[Heard] = UNWIRED,
    level: Feedback[Level] = UNWIRED,
    ignored: Feedback[Ignored] = UNWIRED,
    *,
    clock: Clock,
    files: Files,
    jobs: Jobs,
    kept: Kept,
    log: Log,
) -> Heeded:
    """Hear the streamer through a microphone: when she speaks, and what she says as sound.

    ``turn`` tells when she begins and is done, ``utterance`` gives the sound of what she said, from 0.6 s before its
    first voice on. ``stop`` ends the answer that is being said, or that begins while she speaks (``cut``). ``ignored``
    tells what was no voice, or too short for a word. Who is louder than this machine's own voice, whose ``level`` and
    words (``heard``) are known, is taken for her; an utterance that ``listen.text`` found to be an echo (``ignored``)
    makes it stricter. With the mode ``off`` the device is closed. No sound is written to disk unless ``record`` is set.

    It needs the packages of requirements-listen.txt; without them it says so, and the show goes on.
    """

    def hear(_: SchedulerBase | None) -> Observable[Event]:
        detector = kept.keep("detector", lambda: Detector(config))
        switched = reactivex.from_iterable(detector.configure(config, clock.now()))
        ear = Ear(config, detector, clock, jobs, files, log)
        given: Subject[Event] = Subject()

        def told(events: Observable[E], take: Callable[[E], Iterable[Event] | None]) -> Observable[Never]:
            def give(event: E) -> None:
                for each in take(event) or ():
                    given.on_next(each)

            return silent(events.pipe(ops.do_action(give)))

        watched = together(
            told(order, ear.order),
            told(speaking, ear.speaking),
            told(heard, ear.said),
            told(level, ear.level),
            told(ignored, ear.ignored),
        ).pipe(ops.do_action(on_completed=given.on_completed))
        playing: list[Observable[Any]] = []
        if (file := config.file) is not None:
            playing.append(jobs.source(lambda: ear.play(file)))
        return together(switched, given, watched, jobs.source(ear.tend), jobs.source(ear.hear), *playing)

    events = reactivex.defer(hear).pipe(ops.share())
    return Heeded(
        only(HostTurn, events),
        only(Utterance, events),
        only(Stop, events),
        only(Ignored, events),
        only(MicState, events),
    )
