"""How much time ``llm.reply`` and ``reply.split`` add to a model's own: ``python -m tests.bench.llm [TURNS]``.

The peer is a process of its own that streams as Groq does: 0.2 s to the first token, then 500 tokens a second.
"""

import asyncio
import statistics
import sys

from tests.peers.llm_peer import FIRST_S, TOKENS_A_SECOND, paced


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


async def measure(turns: int) -> list[tuple[float, float, float]]:
    return [each async for each in paced(turns)]


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rows = asyncio.run(measure(turns))
    total, after, own = (list(column) for column in zip(*rows, strict=True))
    print(f"{turns} turns; peer: {FIRST_S:g} s to the first token, {TOKENS_A_SECOND:g} tokens/s")
    print(f"{'ms':44} {'median':>8} {'p95':>8} {'max':>8}")
    for name, values in (
        ("batch closed -> first sentence", total),
        ("its last token sent -> first sentence", after),
        ("the peer's own time for the first sentence", own),
    ):
        print(f"{name:44} {statistics.median(values) * 1e3:8.1f} {p95(values) * 1e3:8.1f} {max(values) * 1e3:8.1f}")
    print(f"p95 over the peer's own p95: {(p95(total) / p95(own) - 1) * 100:+.1f} %")


if __name__ == "__main__":
    main()
