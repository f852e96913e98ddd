"""Nodes that call the operator."""
