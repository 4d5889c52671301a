"""Warns a program that imports us from a folder into which papa 1.0 has been installed too."""

import os
import warnings

from papa_protocol.predecessor import explain_predecessor, find_predecessor

_BESIDE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - one string is quicker


def warn_of_predecessor() -> None:
    """Warn the importer of the package where papa 1.0 is in the same folder."""
    package = find_predecessor([_BESIDE], os.path.exists)
    if package is not None:
        warnings.warn(explain_predecessor(package), RuntimeWarning, stacklevel=3)
