"""What a memory begins with: the tokenizer, and what an earlier run left in the files."""

from dataclasses import dataclass
from pathlib import Path

from nodes.llm._memory.store import Found, Store
from nodes.llm._memory.tokens import TokenCounter, load


@dataclass(frozen=True, slots=True)
class Opened:
    """What ``open_memory`` read."""

    counter: TokenCounter
    store: Store
    found: Found
    lines: tuple[str, ...] = ()
    """Lines for the operator."""


def open_memory(folder: Path | None, *, on_air: bool = False) -> Opened:
    """Load the tokenizer and read what was remembered. Blocks for about 0.6 s: for the worker thread.

    Args:
        folder: usually history/; None: nothing is kept on disk.
        on_air: sound is playing (see ``_memory.tokens.load``).
    """
    counter, line = load(on_air=on_air)
    store = Store(folder)
    found = store.read()
    return Opened(counter, store, found, (*found.lines, *filter(None, [line])))
