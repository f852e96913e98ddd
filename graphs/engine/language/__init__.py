"""Turns a file into the ``Graph`` that runs here: reads, checks, cuts, compares and describes it; no side effects."""
