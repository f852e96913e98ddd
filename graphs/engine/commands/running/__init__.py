"""What ``run`` needs while a show is on air: its timers, garbage collection, old recordings, and its last words."""
