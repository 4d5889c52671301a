"""Endpoints: where a kernel listens, and which one is meant where none is named."""

import os

from papa.errors import CannotConnectError, Error
from papa_protocol.replies import ERROR_MARK
from papa_protocol.words import Dialect, shorten, show

DEFAULT_PORT = 20202
DEFAULT_TIMEOUT = 10.0
ENVIRONMENT_NAME = "PAPA_ENDPOINT"

# More than a kernel says before its first prompt.
GREETING_SIZE = 65536
_SHOWN = 200
# More than any port has; of thousands Python makes no number.
_DIGITS = 20

EndpointLike = int | str


class Defaults:
    """What holds for clients that are not told otherwise.

    Attributes:
        endpoint: a port or a path; None looks in the environment, then takes port 20202.
        timeout: seconds to wait for a connection and for each reply.
        attached: whether a kernel that is started stays a child of this program.
        ends_with_last_connection: whether such a kernel ends once nobody is connected.
    """

    __slots__ = ("attached", "endpoint", "ends_with_last_connection", "timeout")

    def __init__(self) -> None:
        self.endpoint: EndpointLike | None = None
        self.timeout = DEFAULT_TIMEOUT
        self.attached = False
        self.ends_with_last_connection = False


defaults = Defaults()


def check_endpoint(endpoint: EndpointLike | os.PathLike[str]) -> EndpointLike:
    """Return ``endpoint`` as a port (an int) or an absolute path (a str).

    Raises:
        Error: it is neither.
    """
    if isinstance(endpoint, os.PathLike):
        endpoint = os.fspath(endpoint)
    if isinstance(endpoint, int) or (endpoint.isascii() and endpoint.isdigit()):
        port = endpoint if isinstance(endpoint, int) else int(endpoint[:_DIGITS])
        if not 0 < port < 65536:
            raise Error(f"A port is a number from 1 to 65535, not {port}")
        return port
    if not endpoint.startswith("/"):
        raise Error(f'An endpoint is a port or an absolute path, not "{endpoint}"')
    return endpoint


def resolve_endpoint(endpoint: EndpointLike | os.PathLike[str] | None) -> EndpointLike:
    """Return the endpoint meant: the one given, else the default, else PAPA_ENDPOINT, else port 20202.

    Raises:
        Error: what was found is neither a port nor an absolute path.
    """
    if endpoint is None:
        endpoint = defaults.endpoint
    if endpoint is None:
        return _named_endpoint() or DEFAULT_PORT
    return check_endpoint(endpoint)


def _named_endpoint() -> EndpointLike | None:
    """Return what the environment names."""
    named = os.environ.get(ENVIRONMENT_NAME)
    try:
        return check_endpoint(named) if named else None
    except Error as error:
        raise Error(f"{ENVIRONMENT_NAME}: {error}") from None


def show_endpoint(endpoint: EndpointLike) -> str:
    """Return an endpoint as people write it."""
    return f"127.0.0.1:{endpoint}" if isinstance(endpoint, int) else endpoint


def explain_absence(endpoint: EndpointLike) -> str:
    """Return what to tell who finds no kernel at an endpoint."""
    option = f"-p {endpoint}" if isinstance(endpoint, int) else f"-u {endpoint}"
    return f"No kernel listens at {show_endpoint(endpoint)}; 'papa {option}' starts one"


def explain_greeting(endpoint: EndpointLike, said: bytes, otherwise: object) -> CannotConnectError:
    """Return what to raise where what listens does not greet as a kernel does: it is none, or it refuses.

    Args:
        endpoint: where it listens.
        said: what it has said.
        otherwise: what is wrong where it said nothing.
    """
    line = said.strip().partition(b"\n")[0].decode("utf-8", "backslashreplace").strip()
    shown = shorten(show(line, Dialect.V1), _SHOWN)
    if shown and not shown.startswith(ERROR_MARK):
        otherwise = f'what listens there is no kernel: it says "{shown}"'
    error = CannotConnectError(f"{show_endpoint(endpoint)}: {shown if shown.startswith(ERROR_MARK) else otherwise}")
    error.said = shown
    return error


def set_default_port(port: int) -> None:
    """Set the port of 127.0.0.1 that clients connect to where they are told none.

    Raises:
        Error: it is no number from 1 to 65535.
    """
    defaults.endpoint = check_endpoint(port)


def set_default_path(path: str | os.PathLike[str]) -> None:
    """Set the path of the Unix socket that clients connect to where they are told none.

    Raises:
        Error: it is not absolute.
    """
    path = os.fspath(path)
    if not path.startswith("/"):
        raise Error(f'The default path must be absolute, not "{path}"')
    defaults.endpoint = path


def set_default_connection_timeout(connection_timeout: float) -> None:
    """Set how long clients wait for a connection and for each reply where they are not told.

    Args:
        connection_timeout: seconds.
    """
    defaults.timeout = connection_timeout


def set_debug_mode(mode: bool = True, quit_when_connection_closed: bool = False) -> None:
    """Make kernels that clients start stay attached to this program: they end with it.

    Args:
        mode: whether to.
        quit_when_connection_closed: whether such a kernel also ends once nobody is connected.
    """
    defaults.attached = mode
    defaults.ends_with_last_connection = mode and quit_when_connection_closed
