"""Measures of hearing the streamer: over our own voice, and her words."""
