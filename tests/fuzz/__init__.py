"""Hostile input: for the parsers, by hypothesis and by atheris, and for a kernel that must not notice."""
