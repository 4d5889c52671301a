"""Says that papa 1.0 is installed too, before anything is imported from a package that may be its."""

import os
import sys

from papa_protocol.predecessor import explain_predecessor, find_predecessor

_USAGE = 2


def tell_of_predecessor(program: str) -> None:
    """Write to standard error what the user should know of papa 1.0, where it is installed.

    Raises:
        SystemExit: nothing of our own client is in its folder, so that the program cannot work.
    """
    package = find_predecessor(sys.path, os.path.exists)
    if package is None:
        return
    if sys.stderr is not None:
        sys.stderr.write(f"{program}: {explain_predecessor(package)}\n")
    if not os.path.exists(f"{package}/endpoint.py"):  # noqa: PTH110 - pathlib takes longer than that
        sys.exit(_USAGE)
