"""Runs a graph without the outside world: virtual time, stand-ins, recordings and a made-up crowd."""
