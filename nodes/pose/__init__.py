"""Moves the body: how the character stands and moves."""
