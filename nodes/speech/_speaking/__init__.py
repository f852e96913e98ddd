"""What all voices share: sentences in, sound out, its shape and its pace."""
