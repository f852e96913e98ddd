"""CHZZK without a login: what its web page reads."""
