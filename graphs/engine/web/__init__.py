"""The one local web server: who may request what, pages, files and sockets."""
