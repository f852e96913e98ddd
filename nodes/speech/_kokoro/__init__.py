"""The embedded voice: its model and how Korean is transcribed for it."""
