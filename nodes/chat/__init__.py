"""Chat: where it comes from, and how it is prepared for an answer."""
