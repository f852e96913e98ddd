"""Addresses, which are not said."""

import pytest

from nodes.reply._reading.unsaid import without_links

TABLE = """
봐 naver.com/a?b=1 그리고 http://x.com/y 끝|봐   그리고   끝
http://naver.com/a 봐|  봐
naver.com에서 봐요|링크에서 봐요
youtu.be/abc 로 오세요|링크로 오세요
https://x.com/a 를 누르세요|링크를 누르세요
문의는 choco@naver.com으로 주세요|문의는  메일로 주세요
naver.com 이벤트|  이벤트
"""


@pytest.mark.parametrize("row", TABLE.strip().split("\n"))
def test_an_address_is_left_out_with_all_that_belongs_to_it_unless_a_particle_needs_it(row: str) -> None:
    written, _, said = row.partition("|")
    assert without_links(written).removeprefix(" ") == said.removeprefix(" ")
