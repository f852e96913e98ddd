"""VTube Studio: found, asked for leave, and fed."""
