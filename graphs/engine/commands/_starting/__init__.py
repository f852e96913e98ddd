"""What start.sh, start.command and start.bat share: ``start.py``, run by its path before any package is installed."""
