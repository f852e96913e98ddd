"""Plays sound on a device, in a page, or nowhere (in real time)."""
