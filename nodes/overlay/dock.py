"""``overlay.dock``: the page from which a person runs the show."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Never, TypeVar

import reactivex
from pydantic import Field
from reactivex import Observable, Subject
from reactivex import operators as ops
from reactivex.abc import DisposableBase, SchedulerBase
from reactivex.disposable import Disposable

from nodes import UNWIRED, Feedback, node
from nodes.overlay._dock_desk import Desk
from nodes.overlay._dock_orders import not_done, obey
from nodes.overlay._dock_state import State
from nodes.overlay._dock_state import heard as heard_of
from nodes.overlay._settings import ChannelNames
from nodes.particles import CHARACTER
from nodes.services import Clock, Jobs, Json, Kept, Verdicts, Web
from nodes.streams import only, silent, together
from schemas.chat import ChatBatch, Withdrawn
from schemas.event import Event
from schemas.host import Ignored, MicOrder, MicState
from schemas.playback import Heard, Muted, Speaking, Stop
from schemas.reply import Emotion, ReplyChunk, Sentence
from schemas.settings import Live, Settings
from schemas.show import ShowState

E = TypeVar("E", bound=Event)

TICK_S = 1.0


class Dock(Settings):
    title: str = Field(
        CHARACTER,
        title="Name on the dock",
        description="Name at the top of the dock; without one, that of the character.",
    )
    hold_s: Annotated[float, Live()] = Field(
        30.0,
        gt=0,
        title="Held chat is skipped after",
        description=(
            "Seconds after which chat that is paused or waits for approval is dropped. Donations and "
            "subscriptions go on waiting."
        ),
    )
    turn_timeout_s: Annotated[float, Live()] = Field(
        60.0,
        gt=0,
        title="Answer given up after",
        description="Seconds after which an answer whose end is never reported counts as ended.",
    )
    channels: ChannelNames = Field(default_factory=dict[str, str], title="Names of channels")
    folder: Path = Field(
        Path("assets/dock"),
        title="Folder of the page",
        description="Folder of the dock's page; for a page of your own.",
    )


class DockOut(NamedTuple):
    """What the operator decided, with one output for each kind of receiver."""

    batch: Observable[ChatBatch]
    said: Observable[ReplyChunk]
    stop: Observable[Stop]
    muted: Observable[Muted]
    emotion: Observable[Emotion]
    mic: Observable[MicOrder]


@node("overlay.dock", exclusive=True, once=True)
def dock(
    config: Dock,
    batch: Observable[ChatBatch] = UNWIRED,
    reply: Feedback[Sentence] = UNWIRED,
    heard: Feedback[Heard] = UNWIRED,
    speaking: Feedback[Speaking] = UNWIRED,
    withdrawn: Observable[Withdrawn] = UNWIRED,
    show: Feedback[ShowState] = UNWIRED,
    listening: Observable[MicState] = UNWIRED,
    ignored: Observable[Ignored] = UNWIRED,
    *,
    clock: Clock,
    jobs: Jobs,
    kept: Kept,
    verdicts: Verdicts,
    web: Web,
) -> DockOut:
    """Let the operator see what is said and why, and pause, skip, stop, mute, approve, and say something in between.

    The page is at ``/dock``, for a custom browser dock in OBS or a phone; any number of them show the same. ``batch``
    passes through to the node that answers it: at once, when a person has approved it, or when the pause is over. Chat
    that is held for ``hold_s`` is dropped as ``stale``, and what is refused as ``unanswered``; the ``stop`` of such a
    turn reports to the voice, and through it to everything that waits, that the turn is over. Donations and
    subscriptions are held for as long as it takes.

    ``said`` is an answer of its own, which waits for the open turn to end and then has a turn to itself; it goes into
    ``reply.split`` beside the replies. ``muted`` goes to the voice and is repeated every second while muted. ``mic``
    goes to ``listen.mic``, whose state comes back as ``listening``: its mode, and whether the key is held; ``ignored``
    is what was heard and not taken. ``emotion`` is for trying out how the avatar looks. ``show`` puts title, category,
    time on air and followers on the page. An order that comes too late changes nothing and says so. The switches and
    everything held survive a reload.
    """

    def shown(_: SchedulerBase | None) -> Observable[Event]:
        voiced = speaking is not UNWIRED
        state = kept.keep("state", State)
        if show is UNWIRED:
            state.show = None  # the node that said it has left the graph
        desk = Desk(state, config, clock, verdicts, voiced=voiced, told=voiced or reply is not UNWIRED)
        room = _Room(desk, state, {"title": config.title, "channels": config.channels}, clock, jobs)
        opened = room.open(web, config.folder)

        def given(events: Observable[E], decide: Callable[[E], Iterable[Event]]) -> Observable[Never]:
            return silent(events.pipe(ops.map(decide), ops.do_action(room.give)))

        watched = together(
            given(batch, desk.batch),
            given(reply, desk.sentence),
            silent(heard.pipe(ops.do_action(room.progress))),
            given(speaking, desk.speaking),
            given(withdrawn, desk.withdraw),
            silent(show.pipe(ops.do_action(room.tell))),
            silent(listening.pipe(ops.do_action(room.listening))),
            silent(ignored.pipe(ops.do_action(room.ignored))),
        ).pipe(ops.do_action(on_completed=room.given.on_completed))
        return together(room.given, jobs.source(room.tick), watched).pipe(ops.finally_action(opened.dispose))

    events = reactivex.defer(shown).pipe(ops.share())
    return DockOut(
        only(ChatBatch, events),
        only(ReplyChunk, events),
        only(Stop, events),
        only(Muted, events),
        only(Emotion, events),
        only(MicOrder, events),
    )


class _Room:
    """Connects the desk and the pages: orders come in, decisions go out and are shown."""

    def __init__(self, desk: Desk, state: State, settings: Mapping[str, Any], clock: Clock, jobs: Jobs) -> None:
        """
        Args:
            settings: what a page is told when it connects.
        """
        self.given: Subject[Event] = Subject()
        """The events that were decided."""
        self._desk = desk
        self._state = state
        self._settings = settings
        self._clock = clock
        self._jobs = jobs

    def open(self, web: Web, folder: Path) -> DisposableBase:
        """Register the addresses of the dock.

        Raises:
            ValueError: another node already has one of them.
        """
        with ExitStack() as opened:
            opened.callback(web.folder("/dock", folder).dispose)
            opened.callback(web.post("/api/dock", self._take).dispose)
            self._channel = web.channel("/ws/dock", hello=self._hello, received=_ignore, gone=_ignore)
            opened.callback(self._channel.dispose)
            return Disposable(opened.pop_all().close)

    def give(self, events: Iterable[Event]) -> None:
        """Pass on what was decided, and show the current state."""
        for event in events:
            self.given.on_next(event)
        self._show()

    def progress(self, event: Heard) -> None:
        """Show how far the voice has got."""
        if self._desk.heard(event):
            self._show()
        else:
            fraction = round(event.fraction, 3)
            self._channel.send({"type": "voice", "turn": event.turn, "sentence": event.sentence, "fraction": fraction})

    def tell(self, show: ShowState) -> None:
        """Show what is known of the show."""
        self._state.show = show
        self._show()

    def listening(self, state: MicState) -> None:
        """Show how it is with the microphone."""
        self._state.mic = state
        self._channel.send(heard_of(state, self._state.ignored))

    def ignored(self, ignored: Ignored) -> None:
        """Show what was heard and not taken."""
        self._state.ignored.append(ignored)

    async def tick(self) -> AsyncGenerator[Event]:
        """Yield what time alone decides: what was held too long, and a mute that goes on."""
        while True:
            before = self._state.message(0.0)
            for event in self._desk.tick():
                yield event
            if self._state.message(0.0) != before:
                self._show()
            await self._jobs.sleep(TICK_S)

    def _show(self) -> None:
        self._channel.send(self._state.message(self._clock.now()))

    def _take(self, said: Mapping[str, Any]) -> Json:
        events = obey(self._desk, said)
        self.give(events or ())
        return {"done": True} if events is not None else {"done": False, "note": not_done(said)}

    def _hello(self) -> list[Json]:
        state = self._state
        mic = [] if state.mic is None else [heard_of(state.mic, state.ignored)]
        return [{"type": "hello", **self._settings}, state.message(self._clock.now()), *mic]


def _ignore(*_: object) -> None:
    """Ignore a page's messages: its orders come by POST, where the server has checked its token."""
