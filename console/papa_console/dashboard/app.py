"""The application: it starts everything, keeps what is shared, and ends without a trace on the terminal."""

import asyncio
import gc
import traceback
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.errors import NoWidget
from textual.screen import Screen

from papa.endpoint import show_endpoint
from papa_console.dashboard.actions import app_bindings
from papa_console.dashboard.driver import Driver
from papa_console.dashboard.files.crash import report_crash
from papa_console.dashboard.files.state import State, load_state, save_state
from papa_console.dashboard.held.link import Link
from papa_console.dashboard.held.vitals import Vitals
from papa_console.dashboard.main_screen import MainScreen
from papa_console.dashboard.options import Options
from papa_console.dashboard.orderly_keys import KeyPassed, OrderlyKeys
from papa_console.dashboard.screens.palette import ActionCommands, Palette
from papa_console.dashboard.session import Session
from papa_console.dashboard.themes import DARK, OWN

_SETTLED = 1.0  # seconds after which what is there stays


class Console(App[int]):
    """The console.

    Args:
        options: what was asked for.
        link: a kernel, or what stands for one in a picture; None connects to that of the options.
        state: what is remembered; None reads the file.
        vitals: CPU and memory of processes; None measures them.
    """

    CSS_PATH = "app.tcss"
    TITLE = "papa"
    COMMANDS: ClassVar = {lambda: ActionCommands}
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = list(app_bindings())

    def __init__(
        self,
        options: Options,
        *,
        link: Link | None = None,
        state: State | None = None,
        vitals: Vitals | None = None,
    ) -> None:
        super().__init__(driver_class=Driver, ansi_color=options.colors.ansi or None)
        for theme in OWN:
            self.register_theme(theme)
        self.options = options
        self._remembers = state is None
        self._main: MainScreen | None = None
        self._remembered = load_state() if state is None else state
        self._link = link
        self._vitals = vitals or Vitals()
        self.crash: str | None = None
        self._keys = OrderlyKeys(self, super().on_event)
        self.theme = self._first_theme()
        if options.still is not None:
            self.animation_level = "none"
        if options.config.keys:
            self.set_keymap(dict(options.config.keys))

    def _first_theme(self) -> str:
        wanted = self.options.theme or self._remembered.theme
        return wanted if wanted in self.available_themes else DARK.name

    def on_mount(self) -> None:
        """Connect, and show the main screen."""
        link = self._link or Link(
            self.options.endpoint,
            timeout=self.options.timeout,
            start=self.options.start,
            on_change=lambda: None,
        )
        link.storage.limit = self.options.config.storage
        link.set_period(self.options.config.refresh)
        self.session = Session(self.options, self.options.config, self._remembered, link, self._vitals)
        if self._link is None:
            self.run_worker(link.run(), name=f"link to {show_endpoint(self.options.endpoint)}")
            self.run_worker(self.session.vitals.run(), name="vitals")
        self._main = MainScreen(self.session)
        self.push_screen(self._main)
        self.set_timer(_SETTLED, _settle_memory, name="settle memory")

    def exit(self, result: int | None = None, return_code: int = 0, message: object = None) -> None:
        """Leave, by a key or a signal; how the screen is will be remembered."""
        if self._remembers and self._main is not None and self._main.is_mounted:
            self._main.remember()
        super().exit(result, return_code, message)  # type: ignore[arg-type]

    async def on_unmount(self) -> None:
        """Let drains write their receipts, remember what is to be remembered, and leave the kernel."""
        if self._main is None:  # what failed was the start
            return
        await self._main.stop_draining()
        if self._remembers:
            await asyncio.to_thread(save_state, self._remembered)
        if self._link is None:
            await self.session.link.close()

    async def on_event(self, event: events.Event) -> None:
        """Let keys from the terminal wait for each other."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._keys.take(event)
        elif not (isinstance(event, events.MouseDown) and self._has_gone_from(event)):
            await super().on_event(event)

    def _has_gone_from(self, event: events.MouseDown) -> bool:
        """Whether what was clicked on has just gone, and is still drawn: Textual fails over it."""
        try:
            clicked, _ = self.screen.get_widget_at(event.x, event.y)
        except NoWidget:
            return False
        return clicked.parent is None and not isinstance(clicked, Screen)

    def on_key_passed(self, event: KeyPassed) -> None:
        """See to the next key."""
        self._keys.passed(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether an action can be done at all here."""
        if action == "command_palette" and not isinstance(self.screen, MainScreen):
            return False
        return super().check_action(action, parameters)

    def action_command_palette(self) -> None:
        """Open the palette."""
        self.push_screen(Palette(id="--command-palette"))  # which Textual knows it by

    def get_default_screen(self) -> Screen[None]:
        """Return what is under the main screen for the blink in which nothing is mounted."""
        return Screen(id="_default")

    def _fatal_error(self) -> None:
        """Keep the traceback for a file: no traceback ever reaches a user."""
        self.crash = report_crash(traceback.format_exc())
        self._return_code = 70
        self._close_messages_no_wait()


def _settle_memory() -> None:
    """Leave what is there for good out of later collections: a full one takes 180 ms otherwise, measured."""
    gc.collect()
    gc.freeze()
    gc.enable()
