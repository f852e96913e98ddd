"""Sums, and signs beside numbers."""

import pytest

from nodes.reply._spoken import spoken

TABLE = """
1e3개|천 개
2.5e-3|영 점 영영이오
11th 앨범|열한 번째 앨범
21st|스물한 번째
1+1=2|일 더하기 일은 이
10÷2=5|십 나누기 이는 오
5cm×3cm|오 센티미터 곱하기 삼 센티미터
1920x1080|천구백이십 곱하기 천팔십
2x 속도|두 배 속도
x2 이벤트|곱하기 이 이벤트
2^10|이의 십제곱
±5%|플러스 마이너스 오 퍼센트
D-3이에요|디 마이너스 삼이에요
D+100일|디 플러스 백 일
디데이 D-1|디데이 디 마이너스 일
1vs5|일 대 오
1 vs 1|일 대 일
-5℃|마이너스 오 도
B- 받았어|비 마이너스 받았어
A+ 받았어요|에이 플러스 받았어요
5v5 경기|오 대 오 경기
1+1=귀요미|일 플러스 일은 귀요미
1달러=1350원|일 달러는 천삼백오십 원
p.34 보세요|페이지 삼십사 보세요
어제 3시에 왔어요|어제 세 시에 왔어요
3x + 5 = 20|삼엑스 플러스 오는 이십
2x 이벤트|두 배 이벤트
E=mc^2|이는 엠씨 제곱
x^2는|엑스 제곱은
3x^3|삼엑스 세제곱
10⁶|십의 육제곱
E=mc²는|이는 엠씨 제곱은
단위는 cm²|단위는 씨엠
10⁻³|십의 마이너스 삼제곱
5²은|오의 제곱은
20˚ 기울기|이십 도 기울기
CO₂|씨오투
Ctrl+C를 눌러요|컨트롤 씨를 눌러요
"""


@pytest.mark.parametrize("row", TABLE.strip().split("\n"))
def test_a_sign_beside_a_number_is_said(row: str) -> None:
    written, _, said = row.partition("|")
    assert spoken(written) == said
