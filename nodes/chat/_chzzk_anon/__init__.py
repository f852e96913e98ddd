"""CHZZK without a login: reads what its web page reads."""
