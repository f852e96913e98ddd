"""Nodes that hear the streamer: whether she is speaking, and what she says."""
