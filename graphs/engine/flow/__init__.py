"""The running graph: nodes of one generation, the edges between them, and the services lent to the nodes."""
