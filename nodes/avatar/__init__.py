"""The avatar: what draws the character, and how it is told to move."""
