"""``chat.filter``: drops what the character does not have to see."""

import re
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import node, rude
from nodes.chat._injection import PATTERNS, injects
from nodes.chat.send import SENT
from nodes.links import has_link
from nodes.particles import CHARACTER
from nodes.patterns import compile_all
from nodes.rude import Profanity
from nodes.services import Clock, Files, Kept, Preparation, Verdicts
from nodes.stops import Stops
from nodes.text import clean, without_emotes
from nodes.words import NO_WORDS, BannedWords
from schemas.chat import NO_CHANNEL, ChatMessage, Reason, ViewerEvent
from schemas.settings import Live, Settings, WatchedFile

_USERS = 10_000
"""How many viewers are remembered; the one silent for longest is forgotten first."""
_TEXTS = 32
"""How many recent texts of a viewer are remembered."""
_MASKED = "익명"
_EMOTE = "\ufffc"
_RUN = re.compile(r"(.)\1*", re.DOTALL)
_LAUGH = re.compile("[\u3131-\u318e\ufffc]")


class Filter(Settings):
    """Settings of ``chat.filter``."""

    min_length: Annotated[int, Live()] = Field(
        default=1, ge=0, title="Shortest message", description="Shorter messages are dropped; an emote is enough."
    )
    max_length: Annotated[int, Live()] = Field(
        default=200, ge=1, title="Longest message", description="Longer messages are dropped; an emote counts as 1."
    )
    max_repeat: Annotated[int, Live()] = Field(
        default=30,
        ge=1,
        title="Repeated letters",
        description="Most times one character may stand in a row; ㅋㅋㅋ, ㅠㅠㅠ and emotes may always.",
    )
    links: Literal["drop", "keep"] = Field(
        default="drop", title="Messages with links", description="What to do with a message that has a web address."
    )
    duplicate_window_s: Annotated[float, Live()] = Field(
        default=30.0,
        ge=0,
        title="Same words again after",
        description="Seconds within which the same text of the same viewer is dropped; 0 for never.",
    )
    per_user: Annotated[int, Live()] = Field(
        default=5, ge=1, title="Messages per viewer", description="Messages that a viewer may send in per_user_s."
    )
    per_user_s: Annotated[float, Live()] = Field(
        default=10.0, ge=0, title="Counted over", description="The time, in seconds, over which per_user counts."
    )
    banned_words: WatchedFile | None = Field(
        default=None,
        title="Banned words",
        description="File of words that are not let through, one a line, # for comments.",
    )
    profanity: bool = Field(
        default=True,
        title="Drop swear words",
        description="Stop curses and slurs in Korean, by the list that comes with it, as banned words.",
    )
    injection: bool = Field(
        default=True,
        title="Drop orders to the model",
        description='Drop what gives orders to the language model, such as "ignore your instructions".',
    )
    names: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Live()] = Field(
        default=(CHARACTER,),
        title="Names of the character",
        description="What the character is called, as orders to the model address it.",
    )
    channels: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Live()] = Field(
        default=(), title="Channels", description="Ids of the channels whose chat passes; none for every channel."
    )
    hide_streamer: Annotated[bool, Live()] = Field(
        default=False, title="Ignore the streamer's chat", description="Drop what the streamer writes."
    )
    commands: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=("!!",),
        title="Signs of commands",
        description=("Messages of the streamer or a manager that begin like this are commands, such as !!clear."),
    )


@node("chat.filter")
def filter_(
    config: Filter,
    chat: Observable[ViewerEvent],
    *,
    clock: Clock,
    verdicts: Verdicts,
    files: Files,
    kept: Kept,
    prepare: Preparation,
) -> Observable[ViewerEvent]:
    """Drop spam, links, repetitions, banned words and orders to the model, and clean the text of what remains.

    The name and text of what passes are NFKC without invisible characters, control characters and stacked marks.
    A laugh of any length (ㅋㅋㅋㅋ: single Korean letters) does not count as repetition; any other character more than
    ``max_repeat`` times in a row does. A message from ``chat.send`` that comes back through the chat is dropped
    (``own``), even if the account is the streamer's. With ``channels``, chat of another channel is dropped; what was
    typed here passes. Only lines of chat are ever dropped. A donation or a subscription
    always passes: a banned word or an order to the model empties its text, and a banned word in the name changes the
    name to "익명". The word that was found and its list are reported with the verdict. A person
    can allow what was said with one click, which adds it to the file ``banned_words``.
    """
    watched = files.watch(config.banned_words, BannedWords.parse) if config.banned_words else None
    lists = Stops(watched, config.banned_words, Profanity() if config.profanity else NO_WORDS)
    prepare.ahead(compile_all, (*rude.PATTERNS, *PATTERNS))

    def begin(_: object) -> Observable[ViewerEvent]:
        users = kept.keep("users", _Users)

        def foreign(event: ViewerEvent) -> bool:
            own = isinstance(event, ChatMessage) and SENT.echo(event.author_id, event.text, clock.now())
            if own:
                verdicts.drop(event, "own")
            return not own

        def passes(event: ViewerEvent) -> bool:
            if not isinstance(event, ChatMessage):
                return True
            reason = _judge(config, event, stops_of(event)) or users.judge(config, event, clock.now())
            if reason is not None:
                verdicts.drop(event, reason)
            return reason is None

        return chat.pipe(
            ops.filter(foreign),  # before the text is cleaned: an echo comes back as it was sent
            ops.map(_cleaned),
            ops.filter(passes),
            ops.map(lambda event: _masked(config, event, stops_of(event))),
        )

    def stops_of(event: ViewerEvent) -> Callable[[str], bool]:
        def stops(text: str) -> bool:
            found = lists.found(text)
            if found is not None:
                verdicts.stopped(event, found)
            return found is not None

        return stops

    return reactivex.defer(begin)


def _cleaned(event: ViewerEvent) -> ViewerEvent:
    author, text = clean(event.author) or _MASKED, clean(event.text)
    return event if (author, text) == (event.author, event.text) else replace(event, author=author, text=text)


def _masked(config: Filter, event: ViewerEvent, stops: Callable[[str], bool]) -> ViewerEvent:
    if isinstance(event, ChatMessage):
        return event
    author = _MASKED if stops(event.author) else event.author
    text = "" if stops(event.text) or (config.injection and injects(event.text, config.names)) else event.text
    return event if (author, text) == (event.author, event.text) else replace(event, author=author, text=text)


def _judge(config: Filter, event: ViewerEvent, stops: Callable[[str], bool]) -> Reason | None:
    if config.channels and event.channel_id not in ("", NO_CHANNEL, *config.channels):
        return "other_channel"
    if config.hide_streamer and event.role == "streamer":
        return "streamer_hidden"
    if event.role != "viewer" and event.text.lstrip().startswith(config.commands):
        return "command"
    if stops(event.author):
        return "banned_name"
    seen = without_emotes(event.text, _EMOTE)
    if len(seen) < config.min_length and _EMOTE not in seen:
        return "too_short"
    if len(seen) > config.max_length:
        return "too_long"
    if any(len(run[0]) > config.max_repeat and not _LAUGH.match(run[0]) for run in _RUN.finditer(seen)):
        return "repeated"
    if config.links == "drop" and has_link(seen):
        return "link"
    if stops(event.text):
        return "banned_word"
    if config.injection and injects(event.text, config.names):
        return "injection"
    return None


@dataclass(slots=True)
class _User:
    seen: float = 0.0
    """When the last message came."""
    sent: deque[float] = field(default_factory=deque[float])
    """When the messages that passed came."""
    texts: OrderedDict[str, float] = field(default_factory=OrderedDict[str, float])
    """Text that passed -> when."""


class _Users:
    """What the viewers wrote recently."""

    def __init__(self) -> None:
        self._users: OrderedDict[str, _User] = OrderedDict()

    def judge(self, config: Filter, event: ViewerEvent, now: float) -> Reason | None:
        name = event.author_id or event.author
        user = self._users.setdefault(name, _User())
        self._users.move_to_end(name)
        user.seen = now
        self._forget(now, max(config.duplicate_window_s, config.per_user_s))
        text = "".join(event.text.lower().split())
        last = user.texts.get(text)
        if last is not None and now - last < config.duplicate_window_s:
            return "duplicate"
        while user.sent and now - user.sent[0] >= config.per_user_s:
            user.sent.popleft()
        if len(user.sent) >= config.per_user:
            return "rate"
        user.sent.append(now)
        user.texts[text] = now
        user.texts.move_to_end(text)
        while len(user.texts) > 1 and (
            len(user.texts) > _TEXTS or now - next(iter(user.texts.values())) >= config.duplicate_window_s
        ):
            user.texts.popitem(last=False)
        return None

    def _forget(self, now: float, window_s: float) -> None:
        """Forget viewers silent for longer than any rule looks back, at most two at a time."""
        for _ in range(min(2, len(self._users) - 1)):
            oldest = next(iter(self._users.values()))
            if len(self._users) <= _USERS and now - oldest.seen < window_s:
                return
            self._users.popitem(last=False)
