"""Chat: sources of it, and what is done to it before an answer."""
