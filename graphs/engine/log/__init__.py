"""Decides what is written to disk and what never is: lines, dead letters, secrets and names of people."""
