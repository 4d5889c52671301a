"""Keys that are typed ahead wait for what the one before them has asked."""

import asyncio

import pytest
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from papa_console.dashboard import orderly_keys
from papa_console.dashboard.orderly_keys import KeyPassed, OrderlyKeys
from papa_console.dashboard.widgets.busy import Busy
from support.dialogs import Host, Stage
from support.wire import TIMEOUT


class Desk(Vertical, Busy):
    """Is busy with each line that is submitted."""

    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_submitted(self) -> None:
        self.is_busy = True


class Keyed(Host):
    """An application whose keys wait for each other."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = OrderlyKeys(self, super().on_event)  # type: ignore[arg-type]
        self.followed: KeyPassed | None = None  # the last message that came after a key

    def compose(self) -> ComposeResult:
        yield Desk()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self.keys.take(event)
        else:
            await super().on_event(event)

    def on_key_passed(self, event: KeyPassed) -> None:
        self.followed = event
        self.keys.passed(event)

    def type(self, *keys: str) -> None:
        """Let a terminal send keys, all at once."""
        for key in keys:
            self.post_message(events.Key(key, key if len(key) == 1 else None))

    @property
    def desk(self) -> Desk:
        return self.query_one(Desk)

    @property
    def line(self) -> Input:
        return self.query_one(Input)


async def seated(stage: Stage, app: Keyed) -> None:
    await stage.until(lambda: app.line.has_focus, "the line has the focus")


def test_keys_wait_while_someone_is_busy_with_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orderly_keys, "_PATIENCE", TIMEOUT)

    async def main() -> None:
        app = Keyed()
        async with Stage(app) as stage:
            await seated(stage, app)
            app.type("a", "enter", "b", "enter", "c")
            await stage.until(lambda: app.desk.is_busy, "the first line is being seen to")
            first = app.line.value
            app.line.clear()
            app.desk.is_busy = False
            await stage.until(lambda: app.desk.is_busy, "the second line is being seen to")
            second = app.line.value
            app.desk.is_busy = False
            await stage.until(lambda: app.line.value == "bc", "the last key has come")

            assert (first, second) == ("a", "b")

    asyncio.run(main())


def test_who_is_busy_for_long_does_not_hold_the_keys_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orderly_keys, "_PATIENCE", 0.1)

    async def main() -> None:
        app = Keyed()
        async with Stage(app) as stage:
            await seated(stage, app)
            app.type("a", "enter", "b")

            await stage.until(lambda: app.line.value == "ab", "the key after it has come")
            assert app.desk.is_busy

    asyncio.run(main())


def test_keys_that_come_while_the_application_is_being_left_are_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orderly_keys, "_PATIENCE", TIMEOUT)

    async def main() -> None:
        app = Keyed()
        async with Stage(app) as stage:
            await seated(stage, app)
            app.type("a", "enter", "b")
            await stage.until(lambda: app.desk.is_busy, "the line is being seen to")
        assert app.followed is not None
        assert not app.screen_stack

        app.keys.passed(app.followed)
        await app.keys.take(events.Key("c", "c"))

    asyncio.run(main())
