"""The command that prints how texts are read aloud."""

from pathlib import Path

import pytest

from tests.read_aloud import main


def test_a_line_each_with_what_is_said_and_the_rules_and_with_the_sentences_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("Google 5개! 그래\n그래\n", encoding="utf-8")
    main([str(file)])
    assert capsys.readouterr().out == "Google 5개! 그래\t구글 다섯 개! 그래\tcount words\n그래\t그래\t\n"
    main(["--cut", str(file)])
    assert capsys.readouterr().out == (
        "Google 5개! | 그래\tGoogle 5개! 그래\t구글 다섯 개! 그래\tcount words\n그래\t그래\t그래\t\n"
    )
