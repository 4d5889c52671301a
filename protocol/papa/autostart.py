"""Starting a kernel where none listens.

The kernel is a fresh interpreter that leaves this program's session, never a fork of it. Of several started at
once for one endpoint the first to bind it stays, and the others end; so every client finds the same kernel.
"""

import atexit
import importlib.util
import os
import subprocess
import sys
import threading
from collections import Counter

from papa.endpoint import EndpointLike, defaults, show_endpoint
from papa.errors import CannotConnectError

_IN_USE = 3
_lock = threading.Lock()
_attached: list[subprocess.Popen[bytes]] = []
_starts: Counter[EndpointLike] = Counter()


def start_kernel(endpoint: EndpointLike, timeout: float) -> None:
    """Start a kernel and return once it, or another one, listens at the endpoint.

    Args:
        endpoint: a port or a path.
        timeout: seconds that it may take.

    Raises:
        CannotConnectError: it did not start; the text is its reason.
    """
    seen = _starts[endpoint]
    with _lock:
        if _starts[endpoint] != seen:
            return  # another thread has started one while this one waited
        try:
            if defaults.attached:
                _start_attached(endpoint)
            else:
                _start_detached(endpoint, timeout)
        except OSError as error:
            raise CannotConnectError(f"The kernel did not start: {_interpreter()}: {error.strerror or error}") from None
        _starts[endpoint] += 1


def _command(endpoint: EndpointLike) -> list[str]:
    place = ["-p", str(endpoint)] if isinstance(endpoint, int) else ["-u", endpoint]
    return [_interpreter(), "-m", "papa_kernel", *place]


def _interpreter() -> str:
    """Return a Python interpreter; ``sys.executable`` may be a program that embeds one."""
    if "python" in os.path.basename(sys.executable or ""):  # noqa: PTH119 - a string, not a path to open
        return sys.executable
    return os.path.join(sys.exec_prefix, "bin", "python3")  # noqa: PTH118


def _environment() -> dict[str, str]:
    """Return an environment for the kernel: this program's, in which the interpreter finds the kernel's package.

    Without the socket on which a service manager hears this program: the kernel must not speak for it.
    """
    spec = importlib.util.find_spec("papa_kernel")
    if spec is None or not spec.submodule_search_locations:
        raise CannotConnectError("No kernel listens, and the package papa_kernel that could start one is missing")
    folder = os.path.dirname(os.path.abspath(spec.submodule_search_locations[0]))  # noqa: PTH100, PTH120
    paths = [folder, *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {name: text for name, text in os.environ.items() if name != "NOTIFY_SOCKET"}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}


def _start_detached(endpoint: EndpointLike, timeout: float) -> None:
    try:
        done = subprocess.run(
            [*_command(endpoint), "--daemonize"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotConnectError(f"The kernel did not start at {show_endpoint(endpoint)} in {timeout:g} s") from None
    if done.returncode not in (0, _IN_USE):
        raise CannotConnectError(f"The kernel did not start: {done.stderr.decode(errors='replace').strip()}")


def _start_attached(endpoint: EndpointLike) -> None:
    """Start a kernel that ends with this program, or earlier."""
    _forget_ended()
    process = begin_attached(endpoint, *["--end-with-last-connection"] * defaults.ends_with_last_connection)
    if not _attached:
        atexit.register(_end_attached)
    _attached.append(process)


def begin_attached(endpoint: EndpointLike, *options: str) -> subprocess.Popen[bytes]:
    """Start a kernel that ends with its standard input, and return once it listens or has failed to.

    Args:
        endpoint: a port or a path.
        options: further ones of its command.
    """
    process = subprocess.Popen(
        [*_command(endpoint), "--end-with-input", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
        env=_environment(),
    )
    assert process.stdout is not None
    with process.stdout as said:
        said.readline()
    return process


def _forget_ended() -> None:
    for process in [process for process in _attached if process.poll() is not None]:
        assert process.stdin is not None
        process.stdin.close()
        _attached.remove(process)


def _end_attached() -> None:
    for process in _attached:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
    _attached.clear()
