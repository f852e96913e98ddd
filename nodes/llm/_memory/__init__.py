"""What the model is told: history, viewers, summaries, and what of them is kept on the disk."""
