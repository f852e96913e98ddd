"""What every voice shares: sentences in, sound out, its shape and its pace."""
