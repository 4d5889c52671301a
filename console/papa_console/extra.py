"""What papa-kernel brings only as ``papa-kernel[console]``: packages that draw on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from papa_console.flags import UsageError

_OURS = "papa"


@contextmanager
def needed_for(what: str) -> Iterator[None]:
    """Import what may not be installed.

    Raises:
        UsageError: a package of another project is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith(_OURS):
            raise
        message = f"{what} needs {error.name}, which is not installed: pip install 'papa-kernel[console]' brings it"
        raise UsageError(message) from None
