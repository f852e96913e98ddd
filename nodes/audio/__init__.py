"""Sound to a device, a page, or nowhere in real time."""
