"""The settings of a show in the browser: what can be set, how it is written, and who may change it."""
