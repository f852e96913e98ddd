"""Changes a graph while it is on air: a saved file or a person's request becomes its next version."""
