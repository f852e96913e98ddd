"""Loads, checks, builds, runs and reloads a graph."""
