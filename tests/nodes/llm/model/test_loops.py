from nodes.llm._model.loops import Loop


def over(text: str) -> bool:
    loop = Loop()
    return any(loop.over(text[: at + 1], sign) for at, sign in enumerate(text))


def test_the_same_again_and_again_is_a_loop_and_a_count_to_ten_is_none() -> None:
    for text in ("좋아요! " * 9, "".join(f"{number}번째 이야기예요. " for number in range(9)), "~" * 99, "아" * 200):
        assert over(text)
    for text in ("네! 네! 네!", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10!", "ㅋ" * 60, "안녕하세요! 오늘은 비가 와요."):
        assert not over(text)
