"""Fixtures for the tests that meet papa 1.0.6 and circus."""

from collections.abc import Iterator

import pytest

from support.peers import OldKernel, require_peers


@pytest.fixture(autouse=True)
def _peers() -> None:
    require_peers()


@pytest.fixture
def old_kernel(_peers: None) -> Iterator[OldKernel]:
    """A kernel of papa 1.0.6."""
    process = OldKernel()
    yield process
    process.stop()
