"""The embedded voice: its model and how Korean is written for it."""
