"""What pages offer for voices: a line to hear, and recordings that become one."""
