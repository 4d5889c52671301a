"""Both clients behind one face, so that one table tests both."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any, Self, TypeVar

import papa
from papa.aio import AsyncPapa, AsyncTail, AsyncWatcher
from support.wire import TIMEOUT

T = TypeVar("T")


def patiently(call: Callable[[], T]) -> T:
    """Return what a call gives, made anew where a busy machine took longer than its client waits."""
    until = monotonic() + TIMEOUT
    while True:
        try:
            return call()
        except (papa.TimedOutError, papa.CannotConnectError):
            if monotonic() > until:
                raise


class Driven:
    """An asyncio client, watcher or tail whose coroutines run to their end when they are called."""

    def __init__(self, runner: asyncio.Runner, driven: AsyncPapa | AsyncWatcher | AsyncTail) -> None:
        self._runner = runner
        self._driven = driven

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._driven, name)
        if not inspect.ismethod(found):
            return found

        def call(*arguments: object, **options: object) -> Any:
            return self._run(lambda: found(*arguments, **options))

        return call

    def _run(self, begin: Callable[[], Any]) -> Any:
        async def run() -> Any:
            result = begin()
            return await asyncio.wait_for(result, 2 * TIMEOUT) if inspect.isawaitable(result) else result

        result = self._runner.run(run())
        if result is self._driven:
            return self
        return Driven(self._runner, result) if isinstance(result, AsyncWatcher | AsyncTail) else result

    def __bool__(self) -> bool:
        return bool(self._driven)

    def __enter__(self) -> Self:
        self._run(self._driven.__aenter__)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._run(lambda: self._driven.__aexit__(kind, *error))

    def __iter__(self) -> Iterator[Any]:
        assert not isinstance(self._driven, AsyncPapa)
        batches = aiter(self._driven)
        done = object()
        while (batch := self._run(lambda: anext(batches, done))) is not done:
            yield batch
