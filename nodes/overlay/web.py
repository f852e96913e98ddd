"""``overlay.web``: chat, answers and captions on a page."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Never, cast

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import SchedulerBase
from reactivex.disposable import CompositeDisposable, Disposable
from reactivex.scheduler import ImmediateScheduler

from nodes import UNWIRED, node
from nodes.overlay import _state as state
from nodes.services import Clock, Json, Kept, Web
from schemas.chat import ViewerEvent, Withdrawn
from schemas.playback import Heard
from schemas.reply import Sentence
from schemas.settings import Settings

_WITHDRAWN = 128
"""Withdrawals that are remembered: one may overtake its message, which takes another way."""


class Overlay(Settings):
    title: str = Field("AIsChoco", description="Name of the character, as shown beside its answers.")
    max_lines: int = Field(50, ge=1, le=500, description="Viewer lines, and as many answers, that are kept.")
    fade_s: float = Field(600.0, gt=0, description="Seconds after which a line fades out.")
    caption_s: float = Field(3.0, ge=0, description="Seconds that a caption stays after its sentence was heard.")
    folder: Path = Field(Path("assets/overlay"), description="Folder of the page's files, for a page of your own.")


@node("overlay.web", exclusive=True)
def web(
    config: Overlay,
    chat: Observable[ViewerEvent] = UNWIRED,
    reply: Observable[Sentence] = UNWIRED,
    heard: Observable[Heard] = UNWIRED,
    withdrawn: Observable[Withdrawn] = UNWIRED,
    *,
    clock: Clock,
    web: Web,
    kept: Kept,
) -> Observable[Never]:
    """Show viewers' lines, the character's answers and a caption on a page for OBS.

    A caption is revealed with the voice. Without ``heard`` an answer and its caption appear with the sentence. The page
    is at ``/`` (``/?obs`` in OBS), its changes come over ``/ws/overlay``, and ``GET /api/state`` gives what it shows.
    What is ``withdrawn`` leaves every page at once; a page that connects later never gets it.
    """

    def show(scheduler: SchedulerBase | None) -> Observable[Never]:
        page = kept.keep("page", _Page)
        emotions = page.emotions

        def hello() -> list[Json]:
            settings = {"title": config.title, "max_lines": config.max_lines, "fade_s": config.fade_s}
            return [{"type": "hello", "now": clock.now(), **settings, **page.shown}]

        def took(event: ViewerEvent) -> Iterator[state.Change]:
            if not any(withdrawal.covers(event) for withdrawal in page.withdrawn):
                page.viewers[event.id] = event
                while len(page.viewers) > config.max_lines:
                    del page.viewers[next(iter(page.viewers))]
                yield state.viewer_line(event, clock.now())

        def withdrew(withdrawal: Withdrawn) -> Iterator[state.Change]:
            page.withdrawn.append(withdrawal)
            covered = [id_ for id_, event in page.viewers.items() if withdrawal.covers(event)]
            for id_ in covered:
                del page.viewers[id_]
            yield from state.withdrawal(page.shown, covered)

        def came(sentence: Sentence) -> Iterator[state.Change]:
            emotions[sentence.turn] = sentence.emotion
            while len(emotions) > config.max_lines:
                del emotions[next(iter(emotions))]
            if heard is UNWIRED:
                yield from state.sentence_came(page.shown, sentence, clock.now())

        def played(event: Heard) -> Iterator[state.Change]:
            yield from state.sentence_heard(page.shown, event, emotions.get(event.turn, "neutral"), clock.now())

        def change(changes: Iterator[state.Change]) -> None:
            for one in changes:
                page.shown = state.apply(page.shown, one, config.max_lines)
                channel.send({**one, "now": clock.now()})

        def clear(_: object) -> None:
            if page.shown["caption"] is not None and page.shown["caption"]["ended"]:
                change(iter([{"type": "caption", "caption": None}]))

        def answer(_: Mapping[str, str]) -> Json:
            return {
                "viewer_messages": [{**line, "processed": _answered(line, page.shown)} for line in page.shown["lines"]],
                "assistant_messages": [
                    {"message": " ".join(part["text"] for part in said["sentences"]), **said}
                    for said in page.shown["answers"]
                    if said["sentences"]
                ],
                "caption": page.shown["caption"],
                "now": clock.now(),
            }

        def ignore(*_: object) -> None:
            """The page only shows: what it says, and that it left, is nothing to this node."""

        opened = CompositeDisposable()
        try:
            opened.add(web.folder("/", config.folder))
            opened.add(web.get("/api/state", answer))
            channel = web.channel("/ws/overlay", hello=hello, received=ignore, gone=ignore)
            opened.add(Disposable(channel.dispose))
        except ValueError:
            opened.dispose()
            raise
        voice = reply if heard is UNWIRED else heard
        steps: tuple[Observable[Any], ...] = (
            chat.pipe(ops.map(took), ops.do_action(change)),
            withdrawn.pipe(ops.map(withdrew), ops.do_action(change)),
            reply.pipe(ops.map(came), ops.do_action(change)),
            heard.pipe(ops.map(played), ops.do_action(change)),
            voice.pipe(ops.debounce(config.caption_s, scheduler), ops.do_action(clear)),
        )
        # reactivex.merge would subscribe to them a tick later, by the scheduler, and miss what comes until then.
        done = reactivex.from_iterable(steps, ImmediateScheduler.singleton()).pipe(
            ops.merge_all(), ops.ignore_elements(), ops.finally_action(opened.dispose)
        )
        return cast(Observable[Never], done)

    return reactivex.defer(show)


@dataclass(slots=True)
class _Page:
    """What the page shows, and what is needed to change it."""

    shown: state.Snapshot = field(default_factory=state.empty)
    viewers: dict[str, ViewerEvent] = field(default_factory=dict[str, ViewerEvent])
    """What stands behind the viewers' lines, by id."""
    withdrawn: deque[Withdrawn] = field(default_factory=lambda: deque[Withdrawn](maxlen=_WITHDRAWN))
    emotions: dict[str, str] = field(default_factory=dict[str, str])
    """Turn -> emotion."""


def _answered(line: Mapping[str, Any], shown: state.Snapshot) -> bool:
    """Whether the character began to answer after this line came."""
    return any(line["ts"] <= said["ts"] for said in shown["answers"])
