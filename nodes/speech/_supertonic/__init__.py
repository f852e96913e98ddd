"""Supertonic 3: a voice of 31 languages on the CPU, whose model is downloaded."""
