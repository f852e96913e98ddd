"""The avatar: what draws the character, and what moves it."""
