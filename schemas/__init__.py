"""Defines what travels through a graph (events) and what a graph is made of (graph model, settings)."""
