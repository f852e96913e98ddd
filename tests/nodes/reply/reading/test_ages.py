"""대 behind a number: ages, generations, the great three, machines."""

import pytest

from nodes.reply._spoken import spoken

TABLE = """
20대였을 때|이십대였을 때
10대와 20대|십대와 이십대
30대를 위한|삼십대를 위한
20대 맞기|스무 대 맞기
자동차 20대|자동차 스무 대
대포 30대|대포 서른 대
버스 20대를 샀다|버스 스무 대를 샀다
세계 3대 진미|세계 삼대 진미
3대 짬뽕|삼대 짬뽕
6대 광역시|육대 광역시
3대가 모여 살아|삼대가 모여 살아
22대 국회|이십이대 국회
16대 손|십육대 손
16대 손실|열여섯 대 손실
고3이에요|고삼이에요
"""


@pytest.mark.parametrize("row", TABLE.strip().split("\n"))
def test_ages_and_the_great_are_sino_korean_and_machines_are_not(row: str) -> None:
    written, _, said = row.partition("|")
    assert spoken(written) == said
