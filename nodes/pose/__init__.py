"""The body: how the character stands and moves."""
