"""Helpers for tests: real kernels on private endpoints, and a wire-level client."""
