"""Holds what the overlay knows, and how events change it."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nodes.overlay import _saved as saved
from nodes.overlay import _state as state
from nodes.overlay._emotes import Images
from nodes.overlay._settings import Overlay
from nodes.overlay._show import show_item
from nodes.services import Clock, Json
from schemas.chat import ChatBatch, ChatMessage, ViewerEvent, Withdrawn
from schemas.playback import Heard
from schemas.reply import Sentence
from schemas.show import ShowState

_WITHDRAWN = 128
"""How many withdrawals are remembered: one can overtake its message, which takes another path."""
_CLEARED = 16
_UNDO_S = 60.0
"""For this long what was cleared can be brought back."""
_OWN_EMOTE = re.compile(r"/emotes/[\w-]{1,64}\.(?:svg|png|webp|gif)", re.ASCII)
_MAY_CLEAR = ("streamer", "manager")


@dataclass(frozen=True, slots=True)
class _Turn:
    emotion: str = "neutral"
    to: tuple[ViewerEvent, ...] = ()
    """The viewer events that it answers."""


@dataclass(slots=True)
class _Erased:
    """What was on the page when it was cleared."""

    at: float
    shown: state.Snapshot
    viewers: dict[str, ViewerEvent]


@dataclass(slots=True)
class Known:
    """The state that outlives a replaced node."""

    shown: state.Snapshot = field(default_factory=state.empty)
    viewers: dict[str, ViewerEvent] = field(default_factory=dict[str, ViewerEvent])
    """The events behind the viewers' lines, by id."""
    withdrawn: deque[Withdrawn] = field(default_factory=lambda: deque[Withdrawn](maxlen=_WITHDRAWN))
    turns: dict[str, _Turn] = field(default_factory=dict[str, _Turn])
    cleared: deque[str] = field(default_factory=lambda: deque[str](maxlen=_CLEARED))
    """Turns whose answer was on the page when it was cleared: the rest of the answer is only a caption."""
    erased: _Erased | None = None
    images: Images = field(default_factory=Images)
    restored: bool = False
    """Whether the file has been looked for."""


class Page:
    """The overlay while one node shows it: each event yields the changes that it causes."""

    def __init__(self, config: Overlay, clock: Clock, known: Known, *, batches: bool, told: bool = False) -> None:
        """
        Args:
            batches: batches come in, so it is known whom an answer is for.
            told: the words that clear the page come through ``told``, and are ignored among the lines.
        """
        self._told = told
        self._config = config
        self._clock = clock
        self._known = known
        self._batches = batches

    @property
    def known(self) -> Known:
        return self._known

    def apply(self, change: state.Change) -> state.Change:
        """Apply a change and return it as it is sent to the pages."""
        self._known.shown = state.apply(self._known.shown, change, self._config.max_lines)
        return {**change, "now": self._clock.now()}

    def hello(self) -> list[Json]:
        """Return the first messages for a page that connects."""
        config = self._config
        settings = {"title": config.title, "theme": config.theme, "layout": config.layout, "avatar": config.avatar}
        limits = {"max_lines": config.max_lines, "fade_s": config.fade_s, "channels": config.channels}
        shown = {**self._known.shown, "host": self._host(), "images": list(self._known.images.ready)}
        return [{"type": "hello", "now": self._clock.now(), **settings, **limits, **shown}]

    def said(self, event: ViewerEvent) -> Iterator[state.Change]:
        known = self._known
        if self._clears(event):
            if not self._told:
                yield from self.clear()
        elif not self._gone(event):
            known.viewers[event.id] = event
            while len(known.viewers) > self._config.max_lines:
                del known.viewers[next(iter(known.viewers))]
            change = state.viewer_line(event, self._clock.now(), self._image)
            change["line"]["processed"] = any(
                line["processed"] for line in known.shown["lines"] if line["id"] == event.id
            )  # a repeated event still counts as answered
            yield change

    def told(self, event: ViewerEvent) -> Iterator[state.Change]:
        """Take in an event that may be meant for the page itself."""
        if self._clears(event):
            yield from self.clear()

    def withdrew(self, withdrawal: Withdrawn) -> Iterator[state.Change]:
        known = self._known
        known.withdrawn.append(withdrawal)
        erased = known.erased.viewers if known.erased else {}
        covered = [event.id for event in {**erased, **known.viewers}.values() if withdrawal.covers(event)]
        for id_, turn in list(known.turns.items()):
            covered += [event.id for event in turn.to if withdrawal.covers(event)]
            known.turns[id_] = replace(turn, to=tuple(event for event in turn.to if not withdrawal.covers(event)))
        for id_ in covered:
            known.viewers.pop(id_, None)
        if known.erased is not None:
            known.erased.shown = state.without(known.erased.shown, covered)
            known.erased.viewers = {id_: event for id_, event in erased.items() if id_ not in covered}
        yield from state.withdrawal(known.shown, covered)

    def opened(self, batch: ChatBatch) -> Iterator[state.Change]:
        """Note that a turn begins; nothing changes until it is heard."""
        to = tuple(event for event in batch.events if not self._gone(event))
        self._turn(batch.turn, to=to)
        return iter(())

    def came(self, sentence: Sentence, *, voice: bool) -> Iterator[state.Change]:
        """Take in a sentence of an answer; with a voice it is shown only when it is heard."""
        turn = self._turn(sentence.turn, emotion=sentence.emotion)
        if not voice:
            changes = state.sentence_came(self._known.shown, sentence, _names(turn), self._clock.now())
            yield from self._uncleared(changes)

    def heard(self, heard: Heard) -> Iterator[state.Change]:
        turn = self._known.turns.get(heard.turn, _Turn())
        changes = state.sentence_heard(self._known.shown, heard, turn.emotion, _names(turn), self._clock.now())
        yield from self._uncleared(changes)

    def spoke(self, line: ViewerEvent) -> Iterator[state.Change]:
        """Show what the streamer said as a caption of its own, if the settings want that."""
        if self._config.host_s > 0:
            yield state.host_line(line, self._clock.now() + self._config.host_s)

    def about(self, show: ShowState | None) -> Iterator[state.Change]:
        """Take in what is known of the show; None if no node says any more."""
        item = None if show is None else show_item(show)
        if item != self._known.shown["show"]:
            yield {"type": "show", "show": item}

    def silent(self) -> Iterator[state.Change]:
        """Remove a caption that has ended, because the voice was quiet for a while."""
        if self._known.shown["caption"] is not None and self._known.shown["caption"]["ended"]:
            yield {"type": "caption", "caption": None}

    def clear(self) -> Iterator[state.Change]:
        """Empty the page; only the caption of an answer that is being said goes on."""
        known = self._known
        known.erased = _Erased(self._clock.now(), *self._with_erased())
        known.viewers = {}
        known.cleared.extend(answer["id"] for answer in known.shown["answers"][-_CLEARED:])
        yield {"type": "clear"}
        if known.shown["host"] is not None:
            yield {"type": "host", "host": None}
        yield from self.silent()

    @property
    def clearable(self) -> bool:
        """Whether there is anything to clear."""
        return bool(self._known.shown["lines"] or self._known.shown["answers"])

    @property
    def restorable(self) -> bool:
        """Whether what was cleared can be brought back."""
        erased = self._known.erased
        return erased is not None and self._clock.now() < erased.at + _UNDO_S

    def restore(self) -> Iterator[state.Change]:
        """Bring back what was cleared, before what came since; nothing if it is too late."""
        if self.restorable:
            known = self._known
            shown, known.viewers = self._with_erased()
            back = {answer["id"] for answer in shown["answers"]}
            for turn in [turn for turn in known.cleared if turn in back]:
                known.cleared.remove(turn)
            known.erased = None
            yield {"type": "restore", **shown}

    def _with_erased(self) -> tuple[state.Snapshot, dict[str, ViewerEvent]]:
        """Return what is shown together with what was cleared a short time ago, and the events behind the lines."""
        known = self._known
        before = known.erased if self.restorable else None
        items: state.Snapshot = {}
        for kind in ("lines", "answers"):
            every = [*(before.shown[kind] if before else ()), *known.shown[kind]]
            items[kind] = list({item["id"]: item for item in every}.values())[-self._config.max_lines :]
        return items, {**(before.viewers if before else {}), **known.viewers}

    def hide_streamer(self, hidden: bool | None) -> Iterator[state.Change]:
        """Hide or show the streamer's lines; with None the other way round."""
        now = self._known.shown["streamer_hidden"]
        yield {"type": "streamer", "hidden": not now if hidden is None else hidden}

    def answer(self) -> dict[str, Any]:
        """Return the answer to ``GET /api/state``."""
        shown = self._known.shown
        return {
            "viewer_messages": [
                {**line, "processed": self._answered(line)}
                for line in shown["lines"]
                if not (shown["streamer_hidden"] and line["role"] == "streamer")
            ],
            "assistant_messages": [
                {"message": " ".join(part["text"] for part in said["sentences"]), **said}
                for said in shown["answers"]
                if said["sentences"]
            ],
            "ignore_streamer_chat": shown["streamer_hidden"],
            "caption": shown["caption"],
            "host": self._host(),
            "now": self._clock.now(),
        }

    def dump(self, at: float) -> str:
        """Return the page as the text of a file, at ``at`` seconds since the epoch."""
        known = self._known
        authors = {event.id: [event.author_id, event.sent_at] for event in known.viewers.values()}
        keys = [key for line in known.shown["lines"] for key in _keys(line)]
        images = {key: known.images.urls[key] for key in keys if key in known.images.urls}
        return saved.dump(known.shown, now=self._clock.now(), at=at, authors=authors, images=images)

    def load(self, text: str, at: float) -> None:
        """Load the page from the text of a file.

        Raises:
            ValueError: it is not such a file.
        """
        known, now = self._known, self._clock.now()
        found = saved.load(text, now=now, at=at, keep_s=self._config.fade_s)
        known.shown = found["shown"]
        for line in known.shown["lines"]:
            author_id, sent_at = found["authors"].get(line["id"], ("", None))
            known.viewers[line["id"]] = ChatMessage(
                id=line["id"], author=line["user"], author_id=author_id, sent_at=sent_at, received_at=line["ts"]
            )
        for key in {key for line in known.shown["lines"] for key in _keys(line)} & set(found["images"]):
            self._image(found["images"][key])

    def _host(self) -> state.Item | None:
        host = self._known.shown["host"]
        return host if host is not None and self._clock.now() < host["until"] else None

    def _image(self, url: str) -> str | None:
        """Return the key of a picture that may be shown; a picture of the page's own folder is its own key."""
        if _OWN_EMOTE.fullmatch(url):
            return url
        return self._known.images.want(url, self._config.emote_hosts, self._clock.now())

    def _clears(self, event: ViewerEvent) -> bool:
        return event.role in _MAY_CLEAR and event.text.strip().lower() in self._config.clear_words

    def _gone(self, event: ViewerEvent) -> bool:
        return any(withdrawal.covers(event) for withdrawal in self._known.withdrawn)

    def _turn(self, id_: str, **changes: Any) -> _Turn:
        turns = self._known.turns
        turns[id_] = replace(turns.get(id_, _Turn()), **changes)
        while len(turns) > self._config.max_lines:
            del turns[next(iter(turns))]
        return turns[id_]

    def _uncleared(self, changes: Iterable[state.Change]) -> Iterator[state.Change]:
        for change in changes:
            if change["type"] != "answer" or change["answer"]["id"] not in self._known.cleared:
                yield change

    def _answered(self, line: Mapping[str, Any]) -> bool:
        """Return whether the line was answered; without batches, whether an answer began after it came."""
        later = not self._batches and any(line["ts"] <= said["ts"] for said in self._known.shown["answers"])
        return line["processed"] or later


def _names(turn: _Turn) -> list[state.Item]:
    return [{"id": event.id, "user": state.name(event)} for event in turn.to]


def _keys(line: Mapping[str, Any]) -> list[str]:
    return [*line.get("emotes", {}).values(), *line.get("badges", [])]
