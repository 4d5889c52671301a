"""Which kernel a client talks to: what is named, what the environment says, the default."""

from collections.abc import Callable
from pathlib import Path

import pytest

import papa
from papa.endpoint import resolve_endpoint
from support.kernels import KernelProcess

Connect = Callable[..., papa.Papa]


def test_a_client_without_an_endpoint_takes_the_default(connect_either: Connect, kernel: KernelProcess) -> None:
    papa.set_default_path(kernel.path)
    by_path = connect_either().info()

    papa.set_default_port(kernel.port)
    by_port = connect_either().info()

    assert by_path["pid"] == by_port["pid"] == kernel.pid


@pytest.mark.parametrize("attribute", ["port", "path"])
def test_the_environment_names_the_endpoint(
    connect_either: Connect, kernel: KernelProcess, monkeypatch: pytest.MonkeyPatch, attribute: str
) -> None:
    monkeypatch.setenv("PAPA_ENDPOINT", str(getattr(kernel, attribute)))

    assert connect_either().info()["pid"] == kernel.pid


def test_what_is_nearest_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve_endpoint(None) == 20202

    monkeypatch.setenv("PAPA_ENDPOINT", "1234")
    assert resolve_endpoint(None) == 1234
    papa.set_default_path("/run/papa")
    assert resolve_endpoint(None) == "/run/papa"
    assert resolve_endpoint("4321") == 4321
    monkeypatch.setenv("PAPA_ENDPOINT", "")
    papa.set_default_port(99)
    assert resolve_endpoint(None) == 99


def test_a_path_may_be_a_path_object(connect_either: Connect, kernel: KernelProcess) -> None:
    papa.set_default_path(Path(kernel.path))

    assert connect_either(Path(kernel.path)).info()["pid"] == connect_either().info()["pid"] == kernel.pid


def test_a_wrong_endpoint_in_the_environment_is_named_with_its_variable(
    connect_either: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPA_ENDPOINT", "localhost:20202")

    with pytest.raises(papa.Error, match=r'^PAPA_ENDPOINT: An endpoint is .*, not "localhost:20202"$'):
        connect_either()


@pytest.mark.parametrize(
    "endpoint", [0, -1, 65536, "0", "²", pytest.param("9" * 5000, id="long"), "relative/path", "localhost:20202", ""]
)
def test_what_is_no_endpoint_is_refused(endpoint: int | str) -> None:
    with pytest.raises(papa.Error):
        papa.Papa(endpoint)


def test_the_default_path_must_be_absolute() -> None:
    with pytest.raises(papa.Error, match="absolute"):
        papa.set_default_path("papa.sock")
