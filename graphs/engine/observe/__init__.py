"""Shows what a run is doing: figures, rates, reports, and why a viewer was not answered."""
