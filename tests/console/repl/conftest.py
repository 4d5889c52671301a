"""Fixtures of the prompt's tests."""

from collections.abc import Iterator

import pytest

from papa import Papa
from support.kernels import KernelProcess


@pytest.fixture(scope="module")
def holding() -> Iterator[KernelProcess]:
    """A kernel that holds some of everything, and many values."""
    kernel = KernelProcess()
    with Papa(kernel.port) as papa:
        for name in ("web", "worker.1", "worker.2"):
            papa.make_process(name, "/bin/sleep", ["1000"])
        papa.make_socket("web", port=0)
        papa.make_socket("app", path=f"{kernel.folder}/app.sock")
        for name, value in {"deploy.rev": "8f31c2a", "motd": "two words", "na me": "x"}.items():
            papa.set(name, value)
        for number in range(150):
            papa.set(f"circus.uwsgi.{number:03}", "1")
            papa.set(f"circus.web.{number:03}", "1")
    yield kernel
    kernel.stop()
