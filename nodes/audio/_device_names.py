"""Finds the device that a person means by a name."""


def pick(name: str, names: list[str]) -> int | None:
    """Return the index of the best match: the same name, else the first that contains it; ``_`` counts as a space."""
    wanted = _plain(name)
    plain = [_plain(candidate) for candidate in names]
    if wanted in plain:
        return plain.index(wanted)
    return next((index for index, candidate in enumerate(plain) if wanted in candidate), None)


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())
