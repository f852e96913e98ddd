"""The answer: where its text comes from and how it is split into sentences."""
