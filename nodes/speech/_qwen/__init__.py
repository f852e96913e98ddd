"""The cloned voice: its model, its samples and its packages."""
