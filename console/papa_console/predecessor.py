"""Says where papa 1.0 is in the way, before anything is imported from a package that may be its."""

import os
import sys
import warnings

from papa_protocol.predecessor import MEND, explain_predecessor, find_predecessor

_USAGE = 2
_OURS = b"papa.predecessor"  # what papa 1.0's __init__ does not import


def tell_of_predecessor(program: str) -> None:
    """Write to standard error what the user should know of papa 1.0, where it is or was installed.

    Raises:
        SystemExit: ``papa`` is not our client, so that the program cannot work.
    """
    package = find_predecessor(sys.path, os.path.exists)
    if package is not None:
        _say(program, explain_predecessor(package))
        if not _has_ours(package):
            sys.exit(_USAGE)
        warnings.filterwarnings("ignore", "papa 1.0 is installed too", RuntimeWarning)  # the import would say it again
    elif remains := _find_remains():
        _say(program, f"{remains}/__init__.py is missing, as 'pip uninstall papa' takes it away: run {MEND}")
        sys.exit(_USAGE)


def _say(program: str, text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"{program}: {text}\n")


def _has_ours(package: str) -> bool:
    """Whether our client is imported as ``papa``: installed into one folder, the later one has overwritten it."""
    with open(f"{package}/__init__.py", "rb") as file:  # noqa: PTH123 - pathlib takes longer than that
        return _OURS in file.read()


def _find_remains() -> str | None:
    """Return the folder of our client where papa 1.0 has overwritten its ``__init__``, and has been removed since."""
    packages = (f"{folder or '.'}/papa" for folder in sys.path)
    ours = next((package for package in packages if os.path.exists(f"{package}/endpoint.py")), None)  # noqa: PTH110
    return ours if ours and not os.path.exists(f"{ours}/__init__.py") else None  # noqa: PTH110
