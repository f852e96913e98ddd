"""A voice behind an HTTP server."""
