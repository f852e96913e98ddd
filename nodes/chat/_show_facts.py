"""What is known of the show, and what of it is new: without I/O, and with the time given to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from nodes.chat._chzzk.channel import Follower, Followers, Setting
from schemas.show import ShowEvent, ShowState

DAYS = "월화수목금토일"
REMEMBERED = 10_000
"""Remember at most this many followers, so that somebody who follows again is not new."""
_MINUTE, _HOUR = 60, 3600


@dataclass(slots=True)
class Show:
    """Everything that is known; it survives a reload."""

    setting: Setting | None = None
    """None as long as the service has not said."""
    followers: dict[str, None] = field(default_factory=dict[str, None])
    """The ids of all followers that were seen, in order."""
    looked: bool = False
    """Whether the followers of the beginning are known."""
    total: int | None = None
    new: int = 0
    """How many followed since the beginning."""
    live_since: float | None = None
    """When the broadcast began or was first seen, in seconds since the run started; None while there is none."""
    live_seen_begin: bool = False
    live_known: bool = False
    hour: tuple[int, int] | None = None
    """Day of the year and hour of the last look at the clock."""

    def clock(self, wall: datetime, now: float) -> list[ShowEvent]:
        """Take in the time of day; a full hour that passes is an event."""
        before, self.hour = self.hour, (wall.timetuple().tm_yday, wall.hour)
        if before is None or before == self.hour:
            return []
        return [ShowEvent(kind="hour", text=str(wall.hour), at=now)]

    def live(self, is_open: bool, now: float) -> list[ShowEvent]:
        """Take in whether the channel is on air."""
        known, self.live_known = self.live_known, True
        if is_open == (self.live_since is not None):
            return []
        self.live_since, self.live_seen_begin = (now if is_open else None), known
        return [ShowEvent(kind="live" if is_open else "ended", at=now)] if known else []

    def announced(self, setting: Setting, now: float) -> list[ShowEvent]:
        """Take in title and category; the first ones are not a change."""
        before, self.setting = self.setting, setting
        if before is None:
            return []
        changes = [ShowEvent(kind="title", text=setting.title, at=now)] if setting.title != before.title else []
        if setting.category != before.category:
            changes.append(ShowEvent(kind="category", text=setting.category, at=now))
        return changes

    def followed(self, page: Followers, now: float) -> tuple[list[ShowEvent], bool]:
        """Take in a page of followers; return the new ones, oldest first, and whether the next page may hold more.

        The page is newest first. When somebody leaves, an older one moves up at its end, who is not new.
        """
        self.total = page.total
        known = [index for index, each in enumerate(page.page) if each.id in self.followers]
        fresh = page.page[: known[-1]] if known else page.page
        fresh = [each for each in fresh if each.id not in self.followers]
        first, self.looked = not self.looked, True
        self._remember(page.page)
        if first:
            return [], False
        self.new += len(fresh)
        events = [ShowEvent(kind="follower", text=each.name, author_id=each.id, at=now) for each in reversed(fresh)]
        return events, bool(fresh) and not known

    def _remember(self, page: Iterable[Follower]) -> None:
        for each in page:
            self.followers[each.id] = None
        while len(self.followers) > REMEMBERED:
            del self.followers[next(iter(self.followers))]

    def state(self, goal: int = 0) -> ShowState:
        """Return what the person who runs the show sees of it."""
        return ShowState(
            title="" if self.setting is None else self.setting.title,
            category="" if self.setting is None else self.setting.category,
            live_since=inf if self.live_since is None else self.live_since,
            live_seen_begin=self.live_seen_begin,
            followers=self.total,
            new_followers=self.new if self.looked else None,
            goal=goal,
        )

    def note(self, wall: datetime, now: float, goal: int = 0) -> str:
        """Return what the model is told, in few words."""
        parts = [f"지금 {wall.month}월 {wall.day}일 {DAYS[wall.weekday()]}요일 {wall.hour:02}:{wall.minute:02}"]
        if self.live_since is not None:
            parts.append(f"방송 {_span(now - self.live_since)}{'째' if self.live_seen_begin else ' 넘게'}")
        if self.setting is not None:
            parts += [f"방송 제목: {self.setting.title}"] if self.setting.title else []
            parts += [f"카테고리: {self.setting.category}"] if self.setting.category else []
        if self.looked:
            total = "" if self.total is None else f"모두 {self.total}명"
            left = "" if self.total is None or goal <= self.total else f"목표 {goal}명"
            more = ", ".join(each for each in (total, left) if each)
            parts.append(f"켠 뒤 새 팔로워 {self.new}명" + (f" ({more})" if more else ""))
        return ". ".join(parts)


def _span(seconds: float) -> str:
    """Return a span of time in Korean, to the minute."""
    hours, minutes = divmod(int(seconds) // _MINUTE, _HOUR // _MINUTE)
    told = [f"{hours}시간"] * bool(hours) + [f"{minutes}분"] * bool(minutes or not hours)
    return " ".join(told)
