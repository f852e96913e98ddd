"""How many lines of a published test set are read as it says: the table of tests/README.md."""

from collections import Counter
from pathlib import Path

from nodes.reply._spoken import spoken

LINES = [
    line.split("\t")
    for line in (Path(__file__).parent / "nemo_ko.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def bare(text: str) -> str:
    """Blanks do not count, and telephone numbers say 공 here where the set says 영."""
    return text.translate({ord(" "): None, ord(","): None, ord("."): None, ord("공"): "영"})


def test_nearly_every_line_of_the_published_set_is_read_as_it_says() -> None:
    wrong = {text: spoken(text) for _, text, said in LINES if bare(spoken(text)) != bare(said)}
    # 정오 and 자정 are words that listeners know, and rpm is called by its letters
    assert wrong == {"정오": "정오", "자정": "자정", "120rpm": "백이십 알피엠"}
    assert Counter(kind for kind, _, _ in LINES) == {
        "cardinal": 19,
        "date": 27,
        "decimal": 28,
        "fraction": 14,
        "measure": 40,
        "money": 66,
        "ordinal": 21,
        "serial": 19,
        "telephone": 39,
        "time": 25,
    }
