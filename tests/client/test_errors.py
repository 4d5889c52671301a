"""What the kernel refuses and what cannot be sent: both clients raise its reason and go on."""

from collections.abc import Callable, Iterator

import pytest

import papa
from support.kernels import KernelProcess

SLEEP = ("/bin/sleep", "100")


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelProcess]:
    """One kernel for all, since nothing of what is tested here leaves anything in it."""
    process = KernelProcess()
    yield process
    process.stop()


REFUSED: dict[str, tuple[Callable[[papa.Papa], object], str]] = {
    "remove sockets": (lambda client: client.remove_sockets("nope"), "There is no socket nope"),
    "remove no sockets": (lambda client: client.remove_sockets(), "needs a name"),
    "remove processes": (lambda client: client.remove_processes("nope"), "There is no process nope"),
    "remove no processes": (lambda client: client.remove_processes(), "needs a name"),
    "remove values": (lambda client: client.remove_values(), "cannot be removed at once"),
    "remove all values": (lambda client: client.remove_values("*"), "cannot be removed at once"),
    "watch": (lambda client: client.watch_processes("nope"), "There is no process nope"),
    "watch nothing": (lambda client: client.watch_processes(), "Nothing to watch"),
    "tail": (lambda client: client.tail_processes("nope"), "There is no process nope"),
    "acknowledge": (lambda client: client.acknowledge_processes("nope", 1), "There is no process nope"),
    "make": (lambda client: client.make_process("p", "/no/such"), "/no/such: no such file"),
    "make and watch": (lambda client: client.make_process("p", "/no/such", watch_immediately=True), "/no/such: "),
    "user": (lambda client: client.make_process("p", *SLEEP, uid="nosuchuser"), "nosuchuser"),
    "limit": (lambda client: client.make_process("p", *SLEEP, rlimits={"nonsense": 1}), 'Unknown limit "nonsense"'),
    "bufsize": (lambda client: client.make_process("p", *SLEEP, bufsize="lots"), "bufsize"),
    "host": (lambda client: client.make_socket("s", host="nosuch.invalid"), "host: "),
    "nothing to run": (lambda client: client.make_process("p"), "needs an EXECUTABLE"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_kernel_refuses_raises_its_reason_and_the_client_goes_on(either: papa.Papa, name: str) -> None:
    refused, reason = REFUSED[name]

    with pytest.raises(papa.CommandFailedError) as raised:
        refused(either)

    assert reason in str(raised.value)
    assert isinstance(raised.value, papa.Error)
    assert either.list_processes() == {}


UNSENT: dict[str, tuple[Callable[[papa.Papa], object], str]] = {
    "NUL": (lambda client: client.set("a", "x\0"), "NUL"),
    "half a surrogate": (lambda client: client.set("a", "\ud800"), "stands for no byte"),
    "family": (lambda client: client.make_socket("a", family=99), "Unknown socket family 99"),
    "type": (lambda client: client.make_socket("a", socket_type=99), "Unknown socket type 99"),
    "stdout": (
        lambda client: client.make_process("a", *SLEEP, stdout=papa.STDOUT),
        "stdout: expected PIPE or DEVNULL, not",
    ),
    "stderr": (lambda client: client.make_process("a", *SLEEP, stderr=7), "stderr: expected PIPE, DEVNULL or STDOUT"),
}


@pytest.mark.parametrize("name", UNSENT)
def test_what_cannot_be_sent_raises_before_anything_is(either: papa.Papa, name: str) -> None:
    unsent, reason = UNSENT[name]

    with pytest.raises(papa.Error, match=reason) as raised:
        unsent(either)

    assert not isinstance(raised.value, papa.CommandFailedError)
    assert either.info()["values"] == 0


def test_every_error_is_a_papa_error_and_a_runtime_error() -> None:
    kinds = [papa.CannotConnectError, papa.CommandFailedError, papa.LostConnectionError, papa.TimedOutError]

    assert all(issubclass(kind, papa.Error) for kind in kinds)
    assert issubclass(papa.Error, RuntimeError)
    assert issubclass(papa.TimedOutError, papa.LostConnectionError)
