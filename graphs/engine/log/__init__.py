"""What is written down, and what never is: lines, dead letters, secrets and names of people."""
