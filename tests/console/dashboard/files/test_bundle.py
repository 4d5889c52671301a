"""A bundle is one folder that explains itself; an export is one document with keys that stay."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from papa_console.dashboard.files.bundle import Incident, write_bundle
from papa_console.dashboard.files.export import export
from papa_console.dashboard.files.picture import save_picture
from papa_console.dashboard.files.saving import Named
from papa_console.dashboard.held.snapshot import Connection, KernelState, Snapshot
from papa_console.dashboard.output.lines import Line, Source
from papa_protocol.model import KernelInfo
from papa_protocol.watch import Kind, Record

NOW = 1_763_900_000.25
HELD = Snapshot(
    KernelState("/run/papa.sock", Connection.UP, info=KernelInfo(version="2.0.0", pid=99)),
    processes={
        "web": {"pid": 4211, "running": False, "status": -9, "args": "web 1", "argv": ["web", "1"]},
        "mail": {"pid": 4212, "running": True},
    },
    sockets={"http": {"family": "inet", "port": 8080}},
    values={"b": "2", "a": '{"x": "ü"}'},
    taken=NOW,
)
LINES: list[Named] = [
    ("web", Line(b"one", NOW - 2, Source.OUT, 4)),
    ("web", Line(b"tw", NOW - 1, Source.ERR, 6)),
    ("web", Line(b"killed by SIGKILL", NOW, Source.END, 7)),
]


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_bundle_holds_everything_and_says_what_it_is(tmp_path: Path) -> None:
    incident = Incident("web", HELD, LINES, picture="<svg/>", remarks={"forecast": 38.0})

    folder = write_bundle(incident, NOW, tmp_path)

    assert folder == tmp_path / "web-20251123-121320"
    found = {path.name: path.read_text() for path in folder.iterdir()}
    assert found["output.raw"] == "one\ntw\n"
    assert found["output.txt"].splitlines() == [
        "2025-11-23 12:13:18.250+00:00 out  one",
        "2025-11-23 12:13:19.250+00:00 err  tw",
        "2025-11-23 12:13:20.250+00:00 end  killed by SIGKILL",
    ]
    assert json.loads(found["values.json"]) == HELD.values
    assert [row["name"] for row in json.loads(found["processes.json"])] == ["mail", "web"]
    assert json.loads(found["sockets.json"]) == [{"name": "http", "family": "inet", "port": 8080}]
    assert found["picture.svg"] == "<svg/>"
    assert json.loads(found["facts.json"]) == {
        "papa_bundle": 1,
        "written": "2025-11-23T12:13:20.250+00:00",
        "process": {"name": "web", **HELD.processes["web"]},
        "exit_status": -9,
        "kernel": {"endpoint": "/run/papa.sock", "version": "2.0.0", "pid": 99},
        "lines": 3,
        "forecast": 38.0,
    }
    readme = found.pop("README.txt")
    assert "About web, written by papa-console at 2025-11-23 12:13:20.250+00:00" in readme
    assert "ended with exit status -9" in readme
    assert all(name in readme for name in found)


def test_the_raw_output_is_that_of_the_kernel_where_it_is_known(tmp_path: Path) -> None:
    records = [
        Record(Kind.LOST, "web", NOW, number=3, position=3),
        Record(Kind.OUT, "web", NOW, b"\xffno line end", position=15),
        Record(Kind.CLOSED, "web", NOW, number=0, position=16),
    ]

    folder = write_bundle(Incident("web", HELD, LINES, records), NOW, tmp_path)

    assert (folder / "output.raw").read_bytes() == b"\xffno line end"


def test_a_bundle_is_private_and_never_overwritten(tmp_path: Path) -> None:
    folders = [write_bundle(Incident("web/1", HELD), NOW, tmp_path) for _ in range(3)]

    assert [folder.name for folder in folders] == [
        "web_1-20251123-121320",
        "web_1-20251123-121320-2",
        "web_1-20251123-121320-3",
    ]
    assert folders[0].stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folders[0].iterdir()} == {0o600}
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name for folder in folders]


def test_without_a_picture_there_is_none_and_the_readme_knows(tmp_path: Path) -> None:
    folder = write_bundle(Incident("gone", HELD), NOW, tmp_path)

    assert not (folder / "picture.svg").exists()
    assert "picture.svg" not in (folder / "README.txt").read_text()
    assert "it held no such process any more" in (folder / "README.txt").read_text()


def test_a_bundle_of_several_processes_tells_whose_line_it_is(tmp_path: Path) -> None:
    lines = [*LINES, ("mail", Line(b"sent", NOW, Source.OUT, 5))]

    folder = write_bundle(Incident("", HELD, lines), NOW, tmp_path)

    assert folder.name == "kernel-20251123-121320"
    assert " mail out  sent" in (folder / "output.txt").read_text()
    assert json.loads((folder / "facts.json").read_text())["process"] is None


def test_a_bundle_that_cannot_be_finished_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [3]

    def fsync(_: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)

    with pytest.raises(OSError, match="No space left on device"):
        write_bundle(Incident("web", HELD, LINES), NOW, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_export_has_everything_under_keys_that_stay(tmp_path: Path) -> None:
    path = export(HELD, NOW, tmp_path)

    assert path == tmp_path / "papa-20251123-121320.json"
    assert json.loads(path.read_text()) == {
        "papa_export": 1,
        "taken": "2025-11-23T12:13:20.250+00:00",
        "kernel": {"endpoint": "/run/papa.sock", "version": "2.0.0", "pid": 99},
        "sockets": [{"name": "http", "family": "inet", "port": 8080}],
        "processes": [
            {"name": "mail", "pid": 4212, "running": True},
            {"name": "web", "pid": 4211, "running": False, "status": -9, "args": "web 1", "argv": ["web", "1"]},
        ],
        "values": {"a": '{"x": "ü"}', "b": "2"},
    }
    assert "ü" in path.read_text()


def test_stray_bytes_survive_an_export(tmp_path: Path) -> None:
    held = Snapshot(HELD.kernel, values={"a": "\udcff ü"}, taken=NOW)

    path = export(held, NOW, tmp_path)

    assert json.loads(path.read_bytes())["values"] == {"a": "\udcff ü"}


def test_exports_and_pictures_never_overwrite_and_go_to_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    paths = [export(HELD, NOW), export(HELD, NOW), save_picture("<svg/>", NOW), save_picture("<svg/>", NOW)]

    assert [str(path.relative_to(tmp_path / "papa")) for path in paths] == [
        "exports/papa-20251123-121320.json",
        "exports/papa-20251123-121320-2.json",
        "pictures/papa-console-20251123-121320.svg",
        "pictures/papa-console-20251123-121320-2.svg",
    ]
