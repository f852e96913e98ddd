"""How a model is asked: the API, limits, attempts and the answer as it comes."""
