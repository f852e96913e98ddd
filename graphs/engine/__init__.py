"""Loads, checks, builds, runs and reloads a graph: README.md beside this file is the map."""
