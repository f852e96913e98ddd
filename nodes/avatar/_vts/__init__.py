"""VTube Studio: finding it, asking its permission, and sending it movements."""
