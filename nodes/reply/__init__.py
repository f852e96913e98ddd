"""The answer: where its text comes from and how it is cut into sentences."""
