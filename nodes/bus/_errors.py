"""What can go wrong on the bus."""


class Away(Exception):
    """The server, or the way to it, is gone for now."""


class Full(Exception):
    """A stream takes nothing until somebody reads."""
