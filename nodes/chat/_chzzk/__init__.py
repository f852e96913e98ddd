"""CHZZK with a login: the account, its session and the traffic on it."""
