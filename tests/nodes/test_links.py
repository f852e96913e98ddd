"""Web addresses in a text."""

import pytest

from nodes.links import has_link

LINKS = """\
t.me/abc
x.com
한글.com
naver.com 가자
http://a.b
https : //abc
hxxp://x
www.abc
youtu.be/xx
discord.gg/abc
a.co.kr
사이트.닷컴
chzzk.naver.com/live
user@gmail.com
1.2.3.4:80
이거 봐 abc.io!
ABC.COM
naver . com 오세요
naver. com 오세요
www naver com
ez.game/abc
naver닷컴
naver[.]com
naver·com
naver • com
naver(dot)com
naver,com 와
www。naver。com
t . me/abc
h t t p : / / a
ftp://a.b
a@b.co
youtu be/abc
t me/abc
discord gg/xyz
youtube com/watch?v=1
instagram com
bet365 com 놀러와
naver.c om
n a v e r . c o m
""".splitlines()

PLAIN = """\
그래.to 뭐
main.py 실행
README.md
Node.js
socket.io 써요
3.14
v1.2.3
prod.by 지코
안녕하세요.반가워요
p.s 그래
U.S.A
Vol.1
한국.일본.중국
좋아요.so
x . com
아이피 1.2.3.4
asdf.qwer
D.Va 좋아
ez.game 이네
ASP.NET 배워요
I like it. Com on
점컴퓨터
닷컴 시대
1위, 네 com
그건 no. com 이라고
web. net 이 좋아
my com 이 느려
rom com 좋아함
ez gg/wp
it's me/you
smart tv/모니터
a.b.c
가자.gg
dot com 버블
...
""".splitlines()


def test_every_kind_of_address_is_known() -> None:
    assert [line for line in LINKS if not has_link(line)] == []


def test_a_full_stop_between_words_names_no_address() -> None:
    assert [line for line in PLAIN if has_link(line)] == []


@pytest.mark.parametrize(
    "text", ["foo.pizza", "bar.online!", "abc.moe", "가게.shop", "x.dev/a", "chzzk.한국", "test.zip/a"]
)
def test_new_suffixes_are_known_as_well(text: str) -> None:
    assert has_link(text)
