"""Fixtures for tests of the clients."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import cast

import pytest

import papa
from papa.aio import AsyncPapa
from papa.endpoint import Defaults, defaults
from support.clients import Driven
from support.kernels import KernelProcess
from support.wire import TIMEOUT

Connect = Callable[..., papa.Papa]


@pytest.fixture(params=["Papa", "AsyncPapa"])
def connect_either(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Make connected clients of the one kind, then of the other; all are closed with the test."""
    with ExitStack() as stack:
        if request.param == "Papa":
            yield lambda *arguments, **options: stack.enter_context(papa.Papa(*arguments, **options))
        else:
            runner = stack.enter_context(asyncio.Runner())

            def connect(*arguments: object, **options: object) -> papa.Papa:
                client = AsyncPapa(*arguments, **options)  # type: ignore[arg-type]
                return cast(papa.Papa, stack.enter_context(Driven(runner, client)))

            yield connect


@pytest.fixture
def either(connect_either: Connect, kernel: KernelProcess) -> papa.Papa:
    """A client of the test's kernel: the blocking one, then the asyncio one."""
    return connect_either(kernel.path, TIMEOUT)


@pytest.fixture
def client(kernel: KernelProcess) -> Iterator[papa.Papa]:
    """A blocking client of the test's kernel."""
    with papa.Papa(kernel.port, TIMEOUT) as connected:
        yield connected


@pytest.fixture(autouse=True)
def _defaults(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let what a test changes of the defaults hold for that test only."""
    monkeypatch.delenv("PAPA_ENDPOINT", raising=False)
    fresh = Defaults()
    yield
    for name in Defaults.__slots__:
        setattr(defaults, name, getattr(fresh, name))
