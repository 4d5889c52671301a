"""The units for systemd: every line is one that systemd knows, and the command in it one that papa understands."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from papa_kernel.arguments import parse
from support.kernels import REPOSITORY

FOLDER = REPOSITORY / "systemd"
SERVICE, SOCKET = FOLDER / "papa.service", FOLDER / "papa.socket"
SECTIONS = {SERVICE: ["Unit", "Service", "Install"], SOCKET: ["Unit", "Socket", "Install"]}


def settings(unit: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the names and values in each section of a unit."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in unit.read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.removeprefix("[").removesuffix("]"), [])
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, line
            section.append((name, value))
    return found


def values(unit: Path, section: str, wanted: str) -> list[str]:
    return [value for name, value in settings(unit)[section] if name == wanted]


@pytest.mark.parametrize("unit", SECTIONS, ids=lambda unit: unit.name)
def test_a_unit_has_its_sections_and_only_socket_units_repeat_a_name(unit: Path) -> None:
    found = settings(unit)

    assert list(found) == SECTIONS[unit]
    for section in found.values():
        names = [name for name, _value in section if name != "ListenStream"]
        assert all(name.isalnum() for name in names)
        assert len(names) == len(set(names))


def test_papa_understands_its_command() -> None:
    (command,) = values(SERVICE, "Service", "ExecStart")

    assert command.split()[0] == "papa"
    assert parse(command.split()[1:])


def test_what_the_socket_unit_passes_are_endpoints() -> None:
    places = values(SOCKET, "Socket", "ListenStream")

    assert [place for place in places if not place.startswith(("127.0.0.1:", "%t/"))] == []
    assert values(SOCKET, "Socket", "Accept") == []
    # Such names are for what papa itself leaves with systemd.
    assert not [name for name in values(SOCKET, "Socket", "FileDescriptorName") if name.startswith("papa-")]


def test_it_is_started_again_however_often_it_crashes() -> None:
    assert values(SERVICE, "Unit", "StartLimitIntervalSec") == ["0"]
    assert float(values(SERVICE, "Service", "RestartSec")[0]) >= 1


def test_the_names_of_all_that_systemd_may_keep_fit_into_a_variable() -> None:
    (most,) = values(SERVICE, "Service", "FileDescriptorStoreMax")

    # That of the hundred millionth process; what is named by a number of a descriptor has shorter ones.
    assert int(most) * len("papa-p99999999:") <= 120 * 1024


def test_a_papa_that_is_passed_all_that_systemd_may_keep_can_still_be_loaded() -> None:
    (most,) = values(SERVICE, "Service", "FileDescriptorStoreMax")
    (limit,) = values(SERVICE, "Service", "LimitNOFILE")

    soft, hard = map(int, limit.split(":"))
    assert int(most) + 1024 <= soft <= hard


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed; the shape is tested without")
def test_systemd_knows_every_line(tmp_path: Path) -> None:
    # It looks for the command where systemd would, not in the tests' environment.
    (tmp_path / SERVICE.name).write_text(SERVICE.read_text().replace("ExecStart=papa", f"ExecStart={sys.executable}"))
    shutil.copy(SOCKET, tmp_path)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / SERVICE.name, tmp_path / SOCKET.name],
        capture_output=True,
        text=True,
        timeout=60,
    )

    # Known from 254 on; others ignore it, as its comment says.
    complaints = [line for line in done.stderr.splitlines() if "'FileDescriptorStorePreserve'" not in line]
    assert (done.returncode, done.stdout, complaints) == (0, "", [])
