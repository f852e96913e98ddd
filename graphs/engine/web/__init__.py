"""The one local server: who may ask what, pages, files and sockets."""
