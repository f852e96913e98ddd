"""A graph without the world around it: virtual time, stand-ins, recordings and a made-up crowd."""
