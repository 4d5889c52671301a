"""Programs of the system that some tests need."""

import os
import shutil

import pytest


def need_program(name: str) -> str:
    """Return the path of a program; without it the test is skipped, but fails in CI."""
    path = shutil.which(name)
    if path is not None:
        return path
    if os.environ.get("CI"):
        pytest.fail(f"{name} is not installed, and CI must run every test")
    pytest.skip(f"{name} is not installed")
