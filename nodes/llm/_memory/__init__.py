"""What the model reads: history, viewers and summaries, and which of these are kept on disk."""
