"""Exceptions for what can go wrong on the bus."""


class Away(Exception):
    """Raised when the server, or the connection to it, is gone for now."""


class Full(Exception):
    """Raised when a stream takes nothing until somebody reads from it."""
