"""What viewers see besides the character."""
