"""What is seen of a run: figures, rates, reports, and why a viewer was not answered."""
