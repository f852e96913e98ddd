"""What the model gets to read: history, viewers and summaries, and which of these are kept on disk."""
