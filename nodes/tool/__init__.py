"""Tools that find things out for a turn before it is answered."""
