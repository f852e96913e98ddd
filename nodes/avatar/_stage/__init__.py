"""Shows the stage in a browser; it speaks the API of VTube Studio."""
