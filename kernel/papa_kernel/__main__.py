"""The ``papa`` command: read the arguments, bind the endpoints, serve."""

# ruff: noqa: E402 - the collector rests from before the imports until the kernel runs
import gc

# What they make stays, and looking through it for garbage would take a tenth of the start.
gc.disable()

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from itertools import chain

from papa_kernel import VERSION
from papa_kernel.access import Access
from papa_kernel.activation import take_passed
from papa_kernel.arguments import DEFAULT_PORT, Arguments, parse
from papa_kernel.daemon import detach, fill_standard_streams
from papa_kernel.kernel import SIGNALS, Kernel
from papa_kernel.limits import Limits
from papa_kernel.listener import Endpoint, EndpointError, listen_on_path, listen_on_port
from papa_kernel.log import DEBUG, INFO, WARNING, log
from papa_kernel.recovery import close_endpoint, find_left, read_endpoints, take_stock
from papa_kernel.resume import check, go_on, open_descriptors
from papa_kernel.saved import StateError, readable
from papa_kernel.service_manager import ServiceManager, store_size
from papa_kernel.store import Left, Store, sort_left
from papa_kernel.upgrade import own_command
from papa_kernel.usage import EXIT_IN_USE
from papa_protocol.predecessor import explain_predecessor, find_predecessor


def _bind(arguments: Arguments, passed: Sequence[Endpoint], left: Sequence[Endpoint]) -> list[Endpoint]:
    """Return the endpoints: those that were passed, and a port and a path where asked for; else the default port.

    Args:
        arguments: ask for them.
        passed: by a service manager, who has bound them.
        left: those that the last kernel has bound; one that is asked for is used again.

    Raises:
        EndpointError: one of them cannot be used; those that were bound now are closed again.
    """
    endpoints = list(passed)
    for_others = bool(arguments.allow_user or arguments.allow_group or arguments.allow_anyone)
    try:
        if arguments.port is not None or not (arguments.unix_socket or endpoints):
            port = DEFAULT_PORT if arguments.port is None else arguments.port
            old = find_left(left, port)
            endpoints.append(old or listen_on_port(port, blindly=arguments.allow_anyone))
        if arguments.unix_socket is not None:
            old = find_left(left, arguments.unix_socket)
            endpoints.append(old or listen_on_path(arguments.unix_socket, for_others=for_others))
    except EndpointError:
        for endpoint in endpoints:
            if endpoint not in left:
                endpoint.close()
        raise
    return endpoints


def _open_log(arguments: Arguments) -> int:
    """Log to a file or to standard error; return the descriptor.

    Raises:
        OSError: the file cannot be opened.
    """
    fd = os.open(arguments.log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666) if arguments.log_file else 2
    log.open(fd, DEBUG if arguments.debug else WARNING if arguments.end_with_input else INFO)
    return fd


def _open_log_again(arguments: Arguments) -> int:
    """Log where a kernel before this one did; that it cannot be opened any more is no reason to end."""
    try:
        return _open_log(arguments)
    except OSError as error:
        log.warning("%s: %s", arguments.log_file, error.strerror)
        return 2


def _say(fd: int, text: str) -> None:
    """Write a line to a standard stream; that nobody reads it is no reason to fail."""
    with contextlib.suppress(OSError):
        os.write(fd, f"{text}\n".encode(errors="surrogateescape"))


def _fail(text: str, status: int) -> int:
    _say(2, f"papa: {text}")
    return status


def _fail_to_go_on(error: StateError, arguments: Arguments) -> int:
    reason = f"the state that the last kernel left: {error}"
    if arguments.log_file:  # nobody sees the standard error of who is in the background
        log.warning("papa cannot go on: %s", reason)
    return _fail(reason, 1)


def _restart_in_utf8(arguments: Sequence[str]) -> None:
    """Start over where the locale would change the bytes of words on their way to a process."""
    if sys.getfilesystemencoding() != "utf-8":
        command = own_command(arguments)
        os.execv(command[0], command)  # noqa: S606


def _kernel(
    endpoints: Sequence[Endpoint],
    arguments: Arguments,
    manager: ServiceManager,
    words: Sequence[str],
    store: Store | None,
) -> Kernel:
    access = Access([*arguments.allow_user, *chain(*arguments.allow_group)], anyone=arguments.allow_anyone)
    limits = Limits(vars(arguments))
    last = arguments.end_with_last_connection
    return Kernel(endpoints, access, limits, manager, words, store=store, ends_with_last_connection=last)


def _store(arguments: Arguments, manager: ServiceManager) -> Store | None:
    """Return what keeps descriptors for the next kernel; None where nobody does."""
    guarded, most = arguments.guarded >= 0, store_size(os.environ)
    return Store(manager.send, guarded=guarded, most=most) if guarded or most else None


def _begin(arguments: Arguments, words: Sequence[str]) -> int:
    """Listen, and run a kernel or its guardian; return the exit status.

    Raises:
        EndpointError: it cannot listen where it should.
        StateError: it cannot go on with what the last kernel left.
        OSError: the log cannot be opened.
    """
    passed = take_passed(os.environ, blindly=arguments.allow_anyone)
    left = sort_left(passed.own)
    log_fd = _open_log(arguments) if arguments.guarded < 0 else _open_log_again(arguments)
    manager = ServiceManager(os.environ, arguments.guarded)
    store = _store(arguments, manager)
    if store is not None:
        take_stock(left, store)
    endpoints = passed.endpoints
    if arguments.guarded < 0:
        endpoints = _listen(arguments, endpoints, left, store)
        words = _settle(arguments, words, endpoints, manager, [*left.descriptors, log_fd])
        if arguments.guard and store is None:
            return guard(endpoints, words, manager)
    kernel = _kernel(endpoints, arguments, manager, words, store)
    log.info("papa %s, process %d, listens on %s", VERSION, os.getpid(), kernel.places)
    if left.journals:
        with readable():
            kernel.recover(left)
    return _run(kernel, arguments)


def _listen(arguments: Arguments, passed: Sequence[Endpoint], left: Left, store: Store | None) -> list[Endpoint]:
    """Return the endpoints; those of the last kernel that are not asked for any more are closed.

    Raises:
        EndpointError: one of them cannot be used.
        StateError: what the last kernel left cannot be read.
    """
    old = read_endpoints(left)
    endpoints = _bind(arguments, passed, old)
    for endpoint in old:
        if store is not None and endpoint not in endpoints:
            close_endpoint(endpoint, left, store)
    return endpoints


def _settle(
    arguments: Arguments,
    words: Sequence[str],
    endpoints: Sequence[Endpoint],
    manager: ServiceManager,
    keep: Sequence[int],
) -> Sequence[str]:
    """Say where papa listens, and go on in the background if asked to; return the arguments that hold there.

    Args:
        arguments: ask for it.
        words: the arguments as they were given.
        endpoints: where it listens.
        manager: is told who goes on.
        keep: other descriptors that must stay open.
    """
    if package := find_predecessor(sys.path, os.path.exists):
        _say(2, f"papa: {explain_predecessor(package)}")
    _say(1, f"papa {VERSION} listens on {' and '.join(endpoint.name for endpoint in endpoints)}")
    if arguments.daemonize:
        listening = [endpoint.socket.fileno() for endpoint in endpoints]
        detach([*keep, *listening, *manager.descriptors], manager.goes_on_as)
    # It may have been named in the folder where the command was given, which may be left or deleted.
    return [*words, "--log-file", arguments.log_file] if arguments.log_file else words


def guard(endpoints: Sequence[Endpoint], words: Sequence[str], manager: ServiceManager) -> int:
    """Run a guardian, and the kernel under it; return the exit status."""
    # It needs ctypes, which a kernel does without.
    from papa_kernel.guardian import Guardian  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    return Guardian(endpoints, words, manager).run()


def _make_empty(arguments: Arguments, words: Sequence[str]) -> Kernel:
    """Return a kernel that listens nowhere, and is to hold what another held."""
    manager = ServiceManager(os.environ, arguments.guarded)
    return _kernel((), arguments, manager, words, _store(arguments, manager))


def _check(arguments: Arguments) -> int:
    reason = check(arguments.check_state, lambda: _make_empty(arguments, ()))
    return _fail(reason, 1) if reason else 0


def _go_on(arguments: Arguments, words: Sequence[str]) -> int:
    """Run in the place of the kernel that has made way for this one; return the exit status."""
    inherited = open_descriptors()
    _open_log_again(arguments)
    kernel = go_on(arguments.resume, lambda: _make_empty(arguments, words), words, inherited)
    return _run(kernel, arguments) if kernel is not None else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the kernel; return its exit status."""
    # Whoever reads that papa listens may send a signal at once: it waits until the kernel can take it.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        return _main(list(sys.argv[1:] if argv is None else argv))
    finally:
        # Python undoes its handlers before it ends. A second order to end, as a guardian passes on what a terminal
        # tells the kernel as well, would kill it then, and the exit status would be another.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def _main(words: Sequence[str]) -> int:
    fill_standard_streams()
    _restart_in_utf8(words)
    arguments = parse(words)
    if arguments.check_state is not None:
        return _check(arguments)
    if arguments.resume is not None:
        return _go_on(arguments, words[:-2])
    try:
        return _begin(arguments, words)
    except EndpointError as error:
        return _fail(str(error), EXIT_IN_USE if error.in_use else 1)
    except StateError as error:
        return _fail_to_go_on(error, arguments)
    except OSError as error:
        return _fail(_explain(error, arguments), 1)


def _explain(error: OSError, arguments: Arguments) -> str:
    reason = (error.strerror or str(error)).lower()
    if arguments.log_file and error.filename == arguments.log_file:
        return f"--log-file: {arguments.log_file} cannot be opened: {reason}"
    return f"the kernel cannot start: {reason}"


def _run(kernel: Kernel, arguments: Arguments) -> int:
    """Serve until told to end; return the exit status."""
    if arguments.end_with_input:
        kernel.end_with(sys.stdin.fileno())
    gc.freeze()  # nor is it looked through later
    gc.enable()
    kernel.run()
    log.info("papa ends; its processes go on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
