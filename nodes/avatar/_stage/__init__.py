"""The stage in a browser, which speaks the API of VTube Studio."""
