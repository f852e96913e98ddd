"""Nodes that talk to a language model: the answer, what it remembers, and how it is asked."""
