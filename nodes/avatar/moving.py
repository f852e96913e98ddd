"""Takes over the permission that VTube Studio gave to the original AIsChoco."""

from nodes.moving import TakenOver, takes_over
from nodes.phrases import phrase


@takes_over("config/vts_token.txt")
def token(theirs: str, here: str) -> TakenOver:
    """Put the token of no certain address beside the permissions that are here."""
    words = theirs.split()
    if len(words) != 1:
        raise ValueError(phrase("it is not the one line of a permission (token)"))
    kept = [line for line in here.splitlines() if len(line.split()) == 2]
    told = phrase("If it does not fit, VTube Studio asks again.")
    return TakenOver("".join(f"{line}\n" for line in [*kept, *words]), (told,))
