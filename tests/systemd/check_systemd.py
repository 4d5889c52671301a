"""papa under a real systemd: ``make systemd-check`` runs this in a machine of its own (machine.sh)."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from papa_protocol.rows import read_info
from support.crash_load import Actor, Connector, Maker, Reader, Setter
from support.proc import is_running, status_field
from support.systemd import PATH, Service, run, version
from support.waiting import wait_for
from support.watching import make, make_python, pid_of, row_of, wait_until_buffered, watch_to_end
from support.wire import Wire

PORT = 20202
# Systemd before 254 has a store as well, but does not tell its services of it.
OLD = version() < 254
STORE = ["Environment=FDSTORE=8192"] if OLD else []
CRASHES = 7  # more than systemd's default lets a service have within ten seconds


@pytest.fixture
def service() -> Iterator[Service]:
    """papa's units, neither of which has been started."""
    made = Service()
    made.clear()
    yield made
    made.clear()


def since(service: Service, event: str) -> str:
    """Return what the journal has from the last time on that something happened."""
    return service.journal().rpartition(event)[2]


def uptime(wire: Wire) -> float:
    return read_info(wire.command("info"))["uptime"]


def test_it_counts_as_started_once_it_serves(service: Service) -> None:
    service.start()

    for endpoint in (PATH, PORT):
        with Wire(endpoint) as wire:
            assert f"\npid {service.main}\n" in wire.command("info")
    assert service.show("StatusText") == f"Listens on 127.0.0.1:{PORT} and {PATH}"
    said = since(service, "Starting papa.service").splitlines()
    assert [line for line in said if "listens on" in line]
    assert said[-1] == "Started papa.service - papa, a process kernel."
    assert not [line for line in said if "WARNING" in line or "ERROR" in line]


@pytest.mark.parametrize("endpoint", [PATH, PORT])
def test_the_first_connection_starts_it(service: Service, endpoint: int | str) -> None:
    service.set_up()
    run("systemctl", "start", "papa.socket")
    assert service.main == 0

    with Wire(endpoint) as wire:
        assert wire.command("get a") == ""

    assert service.main
    assert Path(PATH).stat().st_mode & 0o777 == 0o600


def test_it_is_killed_under_load_and_nothing_is_lost(service: Service, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for folder in tmp_path.parents[:2]:  # pytest's, which papa's user must pass
        folder.chmod(0o711)
    service.start(*STORE, "RestartSec=100ms")
    end = tmp_path / "end"
    loop = f"n = 0\nwhile not os.path.exists({str(end)!r}):\n os.write(1, b'%08d\\n' % n); n += 1\nsys.exit(5)"
    with service.connect() as wire:
        make_python(wire, "w", f"exec({loop!r})", "bufsize=64m")
    reader, maker = Reader(PATH, 1, "w"), Maker(PATH, 2, tmp_path)
    actors: list[Actor] = [reader, maker, Setter(PATH, 3), Connector(PORT, 4)]
    for actor in actors:
        actor.start()

    for _ in range(CRASHES):
        service.crash()
        assert all(actor.is_alive() for actor in actors), [actor.failure for actor in actors]
    for actor in actors[1:]:
        actor.finish()
    end.touch()
    reader.join(20)
    reader.finish()

    data = reader.read("out")
    print(f"{CRASHES} crashes, {len(data)} bytes;", *(f"{type(each).__name__} {each.done}" for each in actors))
    assert reader.status == 5
    assert data == b"".join(b"%08d\n" % number for number in range(len(data) // 9))
    # One that was being started and had ended before the next papa could look for it is started again when asked for.
    assert set(maker.runs.values()) <= {1, 2}
    assert sum(maker.runs.values()) - len(maker.runs) <= maker.caller.repeats <= CRASHES
    with service.connect() as wire:
        seen = watch_to_end(wire, "e*")
    assert {name: each.statuses for name, each in seen.items()} == {k: [v] for k, v in maker.expected.items()}
    assert service.show("NRestarts") == str(CRASHES)


def start_a_bit_of_everything(service: Service, *settings: str) -> tuple[Wire, str]:
    """Start papa and have it hold a value, a socket and a process; return a connection and what is listed."""
    service.start(*settings)
    wire = service.connect()
    wire.command("set a b")
    wire.command("make socket s port=0")
    make(wire, "y", "echo one; exec sleep 1000")
    wait_until_buffered(wire, "y", 4)
    return wire, listed(wire)


def listed(wire: Wire) -> str:
    return "\n".join(wire.command(f"list {kind}") for kind in ("values", "sockets", "processes"))


def test_a_restart_keeps_everything(service: Service) -> None:
    wire, before = start_a_bit_of_everything(service, *STORE)
    with wire:
        info = read_info(wire.command("info"))
    assert int(service.show("NFileDescriptorStore")) == info["kept"] + 1
    assert info["not_kept"] == 0
    pid = service.main

    run("systemctl", "restart", "papa.service")

    assert service.main != pid
    with service.connect() as again:
        assert listed(again) == before
    assert "goes on after a stop, with 1 sockets, 1 values and 1 processes" in service.journal()


def test_a_reload_keeps_connections_too(service: Service) -> None:
    wire, before = start_a_bit_of_everything(service, *STORE)
    pid = service.main
    wire.send("get")

    run("systemctl", "reload", "papa.service")
    wait_for(lambda: " goes on in place of " in since(service, "Reloading papa.service"), "it is another")

    with wire:
        assert wire.command(" a") == "b"
        assert listed(wire) == before
    assert (service.main, service.state) == (pid, "running")


def test_a_papa_that_hangs_is_replaced_and_one_that_does_not_is_left_alone(service: Service) -> None:
    wire, before = start_a_bit_of_everything(service, *STORE, "WatchdogSec=1", "RestartSec=100ms")
    with wire:
        pid = service.main
        wait_for(lambda: uptime(wire) > 2, "the watchdog would have ended it")
        assert service.main == pid

    service.kill(signal.SIGSTOP)
    service.wait_for_another(pid)

    with service.connect() as again:
        assert listed(again) == before
    assert "Watchdog timeout (limit 1s)!" in service.journal()


def test_stopping_it_leaves_its_processes_alone(service: Service) -> None:
    wire, before = start_a_bit_of_everything(service, *STORE)
    with wire:
        pid = pid_of(row_of(wire, "y"))

    run("systemctl", "stop", "papa.socket", "papa.service")

    assert is_running(pid)
    assert [service.show("ActiveState", unit) for unit in ("papa.socket", "papa.service")] == ["inactive"] * 2
    assert service.show("Result") == "success"
    run("systemctl", "start", "papa.service")
    with service.connect() as again:
        # Systemd before 254 throws away what it keeps once the service is stopped.
        assert listed(again) == ("\n\n" if OLD else before)


def test_what_the_store_has_no_room_for_is_told_and_the_rest_is_kept(service: Service) -> None:
    size = ["FileDescriptorStoreMax=7", *(["Environment=FDSTORE=7"] if OLD else [])]
    wire, before = start_a_bit_of_everything(service, *size, "RestartSec=100ms")
    with wire:
        assert [read_info(wire.command("info"))[key] for key in ("kept", "not_kept")] == [4, 0]
        wire.command("make socket t port=0")
        wire.command("make socket u port=0")
        assert [read_info(wire.command("info"))[key] for key in ("kept", "not_kept")] == [5, 1]
    assert service.show("NFileDescriptorStore") == "6"

    service.crash()

    with service.connect() as again:
        names = [row.split()[0] for row in again.command("list sockets").splitlines()]
        assert names == ["s", "t"]
        again.command("remove sockets t")
        assert listed(again) == before


def test_a_guardian_is_for_systemd_that_keeps_nothing(service: Service) -> None:
    papa = "ExecStart=papa --guard"
    wire, before = start_a_bit_of_everything(service, "Environment=FDSTORE=", "ExecStart=", papa, "WatchdogSec=1")
    guardian = service.main
    with wire:
        kernel = read_info(wire.command("info"))["pid"]
    assert kernel != guardian

    os.kill(kernel, signal.SIGKILL)

    with service.connect() as again:
        assert listed(again) == before
        wait_for(lambda: uptime(again) > 2, "the watchdog would have ended it")
    assert (service.main, service.show("NRestarts")) == (guardian, "0")
    run("systemctl", "stop", "papa.service")
    assert service.show("Result") == "success"


# Lines of /bin/sh that the sandbox of the service refuses, and what they say then.
REFUSED = {
    "touch /etc/papa": "Read-only file system",
    "touch /usr/papa": "Read-only file system",
    "echo 1 > /proc/sys/kernel/panic": "Read-only file system",
    "cp /bin/sh /tmp/papa-sh && chmod u+s /tmp/papa-sh": "Operation not permitted",
    f"{sys.executable} -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'": "Address family",
}


def test_processes_are_in_its_sandbox(service: Service) -> None:
    service.start()
    with service.connect() as wire:
        pid = pid_of(make(wire, "y", "exec sleep 1000"))
        for number, script in enumerate(REFUSED):
            make(wire, f"refused.{number}", script)
        seen = watch_to_end(wire, "refused.*")

    assert status_field(pid, "NoNewPrivs") == 1
    assert Path(f"/proc/{pid}").stat().st_uid == Path(f"/proc/{service.main}").stat().st_uid != 0
    for number, (script, why) in enumerate(REFUSED.items()):
        said = seen[f"refused.{number}"]
        assert said.statuses != [0], script
        assert why in said.err.decode(), (script, said.err)
