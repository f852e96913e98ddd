"""Tools: what is found out for a turn before it is answered."""
