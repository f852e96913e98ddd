"""The running graph: nodes of one generation, the edges between them, and what they are lent."""
