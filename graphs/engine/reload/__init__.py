"""Change on air: a file or a person's wish becomes the next version of the running graph."""
