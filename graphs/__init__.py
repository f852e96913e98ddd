"""The YAML graphs that people edit, and the engine that runs them."""
