"""The ``papa`` command: read the arguments, bind the endpoints, serve."""

# ruff: noqa: E402 - the collector rests from before the imports until the kernel runs
import gc

# What they make stays, and looking through it for garbage would take a tenth of the start.
gc.disable()

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence

from papa_kernel import VERSION
from papa_kernel.daemon import detach, fill_standard_streams
from papa_kernel.kernel import ENDING_SIGNALS, Kernel
from papa_kernel.limits import LIMITS, Limits
from papa_kernel.listener import Endpoint, EndpointError, listen_on_path, listen_on_port
from papa_kernel.log import DEBUG, INFO, WARNING, log
from papa_protocol.options import BadValue, read_size

DEFAULT_PORT = 20202
EXIT_IN_USE = 3


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(1).columns or 80
    except (ValueError, OSError):
        return 80


class _Formatter(argparse.HelpFormatter):
    """argparse's own, which at each start would load shutil and all that it needs to learn the terminal's width."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="papa",
        formatter_class=_Formatter,
        description="A process kernel: it holds sockets, named values and processes while managers come and go.",
        epilog=f"Exit status: 0 ended as asked, 1 failed, 2 wrong arguments, {EXIT_IN_USE} an endpoint is in use.",
    )
    parser.add_argument("-p", "--port", type=_port, help=f"port on 127.0.0.1 to listen on (default: {DEFAULT_PORT})")
    parser.add_argument(
        "-u",
        "--unix-socket",
        type=_path,
        metavar="PATH",
        help="absolute path to listen on, mode 0600",
    )
    parser.add_argument("-d", "--debug", action="store_true", help="log every step to standard error")
    parser.add_argument("--daemonize", action="store_true", help="go on in the background once it listens")
    parser.add_argument("--log-file", type=_file, metavar="F", help="append the log to this file")
    parser.add_argument("--version", action="version", version=f"papa {VERSION}")
    # For clients that start a kernel of their own: it ends at the end of its standard input, or with its last client.
    parser.add_argument("--end-with-input", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--end-with-last-connection", action="store_true", help=argparse.SUPPRESS)
    _add_limits(parser)
    return parser


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("limits", "The defaults are beyond what an honest user needs.")
    for limit in LIMITS:
        text = f"{limit.rule.format('N')} (default: {limit.default})"
        group.add_argument(limit.option, dest=limit.key, type=_size, default=limit.default, metavar="N", help=text)


def _size(text: str) -> int:
    try:
        size = read_size(text)
    except BadValue:
        size = 0
    if not size:
        raise argparse.ArgumentTypeError(f'expected a number such as 4096, 64k or 2m, not "{text}"')
    return size


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f'expected a number from 0 to 65535, not "{text}"')
    return int(text)


def _path(text: str) -> str:
    if not text.startswith("/"):
        raise argparse.ArgumentTypeError(f'expected an absolute path, not "{text}"')
    return text


def _file(text: str) -> str:
    return os.path.abspath(text)


def _bind(arguments: argparse.Namespace) -> list[Endpoint]:
    """Bind the endpoints asked for: a port unless only a path is given, a path where one is.

    Raises:
        EndpointError: one of them cannot be bound; the others are closed again.
    """
    endpoints: list[Endpoint] = []
    try:
        if arguments.port is not None or arguments.unix_socket is None:
            endpoints.append(listen_on_port(DEFAULT_PORT if arguments.port is None else arguments.port))
        if arguments.unix_socket is not None:
            endpoints.append(listen_on_path(arguments.unix_socket))
    except EndpointError:
        for endpoint in endpoints:
            endpoint.close()
        raise
    return endpoints


def _open_log(arguments: argparse.Namespace) -> int:
    """Log to a file or to standard error; return the descriptor.

    Raises:
        OSError: the file cannot be opened.
    """
    fd = os.open(arguments.log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666) if arguments.log_file else 2
    log.open(fd, DEBUG if arguments.debug else WARNING if arguments.end_with_input else INFO)
    return fd


def _say(fd: int, text: str) -> None:
    """Write a line to a standard stream; that nobody reads it is no reason to fail."""
    with contextlib.suppress(OSError):
        os.write(fd, f"{text}\n".encode(errors="surrogateescape"))


def _fail(text: str, status: int) -> int:
    _say(2, f"papa: {text}")
    return status


def _restart_in_utf8(arguments: Sequence[str]) -> None:
    """Start over where the locale would change the bytes of words on their way to a process."""
    if sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", "-m", "papa_kernel", *arguments])  # noqa: S606


def main(argv: Sequence[str] | None = None) -> int:
    """Run the kernel; return its exit status."""
    # Whoever reads that papa listens may end it by a signal at once: it waits until the kernel can take it.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    fill_standard_streams()
    _restart_in_utf8(sys.argv[1:] if argv is None else argv)
    arguments = _parser().parse_args(argv)
    try:
        log_fd = _open_log(arguments)
        endpoints = _bind(arguments)
    except EndpointError as error:
        return _fail(str(error), EXIT_IN_USE if error.in_use else 1)
    except OSError as error:
        return _fail(f"{arguments.log_file}: {error.strerror}", 1)
    names = " and ".join(endpoint.name for endpoint in endpoints)
    _say(1, f"papa {VERSION} listens on {names}")
    if arguments.daemonize:
        keep = [endpoint.socket.fileno() for endpoint in endpoints]
        detach([*keep, log_fd] if arguments.log_file else keep)
    kernel = Kernel(endpoints, Limits(vars(arguments)), ends_with_last_connection=arguments.end_with_last_connection)
    log.info("papa %s, process %d, listens on %s", VERSION, os.getpid(), names)
    if arguments.end_with_input:
        kernel.end_with(sys.stdin.fileno())
    gc.freeze()  # nor is it looked through later
    gc.enable()
    kernel.run()
    log.info("papa ends; its processes go on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
