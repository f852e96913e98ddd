"""Records what a run decided, in order: every turn with its answer, every dropped viewer event with the reason."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from graphs.engine.books.ledger import Verdict
from graphs.engine.books.turns import Turn
from graphs.engine.flow.runtime import Runtime
from nodes.phrases import phrase

SHOWN = 20
"""A comparison names at most this many messages for each kind of difference."""


class Decisions:
    """Records what a runtime decides from now on."""

    def __init__(self, runtime: Runtime) -> None:
        self.lines: list[dict[str, Any]] = []
        self.fates: dict[str, str] = {}
        """Viewer event -> ``answered``, or why it was dropped."""
        self.texts: dict[str, str] = {}
        self.turns: list[Turn] = []
        self._runtime = runtime
        runtime.turns.ended.add(self._ended)
        runtime.ledger.judged.add(self._judged)

    def note(self, what: str, **fields: Any) -> None:
        """Add a line: ``{"t": seconds, "what": ..., ...}``."""
        self.lines.append({"t": round(self._runtime.now(), 4), "what": what, **fields})

    def close(self) -> None:
        """Add the turns that did not end, and the counts, once the run is over."""
        for turn in self._runtime.turns.turns.values():
            if turn.marks["ended"] is None:
                self.note("unfinished", **_told(turn))
        self.note("end", viewer_events=self._runtime.ledger.counts(), turns=len(self.turns))

    def text(self) -> str:
        """Give the lines as JSONL; the same for the same decisions."""
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines)

    def _ended(self, turn: Turn) -> None:
        self.turns.append(turn)
        self.note("turn", **_told(turn))

    def _judged(self, event_id: str, verdict: Verdict) -> None:
        came = self._runtime.ledger.recent.get(event_id)
        if came is not None:
            self.texts[event_id] = came.event.text
        if verdict.reason is None:
            self.fates[event_id] = "answered"
            return
        self.fates[event_id] = verdict.reason
        lane, text = (came.event.lane, came.event.text) if came is not None else ("", "")
        self.note("dropped", id=event_id, reason=verdict.reason, lane=lane, text=text)


def _told(turn: Turn) -> dict[str, Any]:
    report = turn.report()
    return {
        "turn": turn.id,
        "lane": turn.lane,
        "batch": report["batch"],
        "rung": turn.rung,
        "emotion": turn.emotion,
        "answer": turn.text.strip(),
        "shown": turn.shown,
        "marks": report["marks"],
    }


def differences(one: Decisions, other: Decisions) -> dict[str, list[str]]:
    """Map what became of a message in each run, e.g. ``answered → link``, to the texts of the messages."""
    found: dict[str, list[str]] = {}
    for event_id in dict.fromkeys((*one.fates, *other.fates)):
        before, after = one.fates.get(event_id, "waiting"), other.fates.get(event_id, "waiting")
        if before != after:
            text = one.texts.get(event_id) or other.texts.get(event_id) or event_id
            found.setdefault(f"{before} → {after}", []).append(text)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def side_by_side(names: tuple[str, str], runs: tuple[Decisions, Decisions]) -> str:
    """Compare two runs over one recording: their counts, and the messages that they treated differently."""
    counts = [_counts(run.fates.values()) for run in runs]
    counts = [{"turns": len(run.turns), **count} for run, count in zip(runs, counts, strict=True)]
    rows = dict.fromkeys(name for count in counts for name in count)
    width = max(map(len, (*rows, "answered")))
    lines = [f"{'':{width}}  {names[0]:>16}  {names[1]:>16}"]
    lines += [f"{row:{width}}  {counts[0].get(row, 0):>16}  {counts[1].get(row, 0):>16}" for row in rows]
    found = differences(*runs)
    lines.append("" if found else phrase("No message was treated differently."))
    for change, texts in found.items():
        lines.append(f"{change}: {len(texts)}")
        lines += [f"    {' '.join(text.split())[:80]}" for text in texts[:SHOWN]]
        if len(texts) > SHOWN:
            lines.append(f"    ... {phrase('{count} more', count=len(texts) - SHOWN)}")
    return "\n".join(lines)


def _counts(fates: Iterable[str]) -> Mapping[str, int]:
    counts: dict[str, int] = {"answered": 0}
    for fate in fates:
        counts[fate] = counts.get(fate, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (item[0] != "answered", item[0])))
