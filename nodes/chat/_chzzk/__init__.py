"""CHZZK with a login: the account, its session and what goes over it."""
