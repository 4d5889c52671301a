"""Demonstrations: the flagship scenario, in which nobody notices that a web server is replaced, and a shop at work."""
