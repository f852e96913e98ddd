"""The overlay: what viewers see besides the character."""
