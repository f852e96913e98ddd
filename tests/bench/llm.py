"""Measures the time that ``llm.reply`` and ``reply.split`` add to the model's own: ``python -m tests.bench.llm``.

The peer is a process of its own that streams as Groq does: 0.2 s to the first token, then 500 tokens a second.
"""

import argparse
import asyncio
import statistics

from tests.bench import figures
from tests.peers.llm_peer import FIRST_S, TOKENS_A_SECOND, paced


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


async def measure(turns: int) -> list[tuple[float, float, float]]:
    return [each async for each in paced(turns)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--turns", type=int, default=200)
    figures.options(parser)
    arguments = parser.parse_args()
    turns: int = arguments.turns
    kept: dict[str, float] = {}
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
        kept |= {f"{name}, median ms": statistics.median(values) * 1e3, f"{name}, p95 ms": p95(values) * 1e3}
    print(f"p95 over the peer's own p95: {(p95(total) / p95(own) - 1) * 100:+.1f} %")
    figures.done(arguments, "llm", kept)


if __name__ == "__main__":
    main()
