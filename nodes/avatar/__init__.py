"""The avatar: the nodes that draw the character and move it."""
