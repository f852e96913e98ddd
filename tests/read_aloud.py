"""Shows how texts are read aloud: ``python -m tests.read_aloud FILE``, one text a line.

Prints a line for each: the text, a tab, what the voice says, a tab, the names of the rules that changed it. ``--cut``
puts the sentences that ``reply.split`` makes of the text first, joined by `` | ``, and a tab. ``--words FILE`` reads a
pronunciation file other than config/pronunciation.tsv.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from nodes.reply._cut import Cutter
from nodes.reply._reading.pronunciation import Pronunciations
from nodes.reply._spoken import explained
from nodes.reply.split import Split

WORDS = Path(__file__).parents[1] / "config" / "pronunciation.tsv"


def read_aloud(text: str, words: Pronunciations, *, cut: bool = False) -> str:
    """Return one line of the output."""
    said, rules = explained(text, words)
    columns = [text, said, " ".join(rules)]
    if cut:
        cutter = Cutter(Split.model_fields["max_chars"].default)
        sentences = [sentence for sentence, _ in [*cutter.feed(text, ""), *cutter.flush()]]
        columns.insert(0, " | ".join(sentence for sentence in sentences if sentence))
    return "\t".join(columns)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--cut", action="store_true", help="the sentences of the text first")
    parser.add_argument("--words", type=Path, default=WORDS, help="a pronunciation file")
    options = parser.parse_args(arguments)
    words = Pronunciations.parse(options.words.read_text(encoding="utf-8"))
    for line in options.file.read_text(encoding="utf-8").splitlines():
        print(read_aloud(line, words, cut=options.cut))


if __name__ == "__main__":
    main()
