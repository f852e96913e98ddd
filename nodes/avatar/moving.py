"""Takes over the permission that VTube Studio gave to the original AIsChoco."""

from nodes.moving import TakenOver, takes_over


@takes_over("config/vts_token.txt")
def token(theirs: str, here: str) -> TakenOver:
    """Put the token of no certain address beside the permissions that are here."""
    words = theirs.split()
    if len(words) != 1:
        raise ValueError("허용 기록(토큰) 한 줄이 아닙니다")
    kept = [line for line in here.splitlines() if len(line.split()) == 2]
    return TakenOver("".join(f"{line}\n" for line in [*kept, *words]), ("맞지 않으면 VTube Studio가 다시 묻습니다.",))
