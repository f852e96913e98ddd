"""Voices: sentences in, sound out."""
