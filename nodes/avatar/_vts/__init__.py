"""Finds VTube Studio, asks for permission, and sends it movements."""
