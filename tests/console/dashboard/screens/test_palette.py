"""The palette: what can be done here, themes, and processes by name."""

import asyncio
from types import SimpleNamespace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widgets import Static

from papa_console.dashboard.actions import Where, bindings
from papa_console.dashboard.screens.palette import ActionCommands, Entry
from support.dialogs import Host, Stage


class Table(Static, can_focus=True):
    """Stands for the list of processes."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Where.LISTS, Where.PROCESSES))

    def __init__(self) -> None:
        super().__init__("table")
        self.did: list[str] = []

    def action_tree(self) -> None:
        self.did.append("tree")


class Main(Screen[None]):
    """Stands for the main screen."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Where.EVERYWHERE))

    def __init__(self) -> None:
        super().__init__()
        self.did: list[str] = []
        self.session = SimpleNamespace(
            snapshot=SimpleNamespace(processes={"web.1": {}, "[red]x": {}}), state=SimpleNamespace(theme="")
        )

    def compose(self) -> ComposeResult:
        yield Table()

    def list_of(self, kind: str) -> Any:
        return SimpleNamespace(select=lambda name: self.did.append(f"select {kind} {name}"))

    def focus_pane(self, name: str) -> None:
        self.did.append(f"focus {name}")

    def action_zoom(self) -> None:
        self.did.append("zoom")


class Palette(Host):
    """An application with the palette."""

    COMMANDS: ClassVar = {lambda: ActionCommands}

    def __init__(self) -> None:
        super().__init__()
        self.main = Main()

    def on_mount(self) -> None:
        self.push_screen(self.main)

    def on_command_palette_closed(self) -> None:
        self.result = "closed"


async def choose(stage: Stage, app: Palette, typed: str, shown: str) -> None:
    """Open the palette, type, and take the first entry."""
    await stage.until(lambda: app.screen is app.main and app.main.focused is not None, "the screen is there")
    app.action_command_palette()
    await stage.until(lambda: isinstance(app.screen, CommandPalette) and app.screen.focused, "the palette is open")
    await stage.type(typed)
    await stage.shows(shown)
    await stage.press("enter")
    await stage.until(lambda: app.screen is app.main, "the palette is closed")


def test_an_action_of_the_screen_is_done() -> None:
    async def main() -> None:
        app = Palette()
        async with Stage(app) as stage:
            await choose(stage, app, "whole screen", "Give the pane the whole screen, and back")

            await stage.until(lambda: app.main.did == ["zoom"], "it is done")

    asyncio.run(main())


def test_an_action_of_the_widget_with_the_focus_is_done() -> None:
    async def main() -> None:
        app = Palette()
        async with Stage(app) as stage:
            await choose(stage, app, "dotted names", "Fold dotted names into a tree with totals")

            await stage.until(lambda: app.main.query_one(Table).did == ["tree"], "it is done")

    asyncio.run(main())


def test_a_theme_is_chosen_and_remembered() -> None:
    async def main() -> None:
        app = Palette()
        async with Stage(app) as stage:
            await choose(stage, app, "theme nord", "Theme: nord")

            await stage.until(lambda: app.theme == "nord", "it is used")
            assert app.main.session.state.theme == "nord"

    asyncio.run(main())


def test_a_process_is_gone_to_by_name_which_is_no_markup() -> None:
    async def main() -> None:
        app = Palette()
        async with Stage(app) as stage:
            await choose(stage, app, "goto [red]x", "Go to [red]x")

            await stage.until(lambda: app.main.did == ["focus processes", "select processes [red]x"], "it is gone to")

    asyncio.run(main())


def test_everything_that_can_be_done_here_is_found_once() -> None:
    async def main() -> None:
        app = Palette()
        app.set_keymap({"everywhere.zoom": "ctrl+f"})
        async with Stage(app) as stage:
            await stage.until(lambda: app.main.focused is not None, "the screen is there")
            commands = ActionCommands(app.main)

            entries = [hit async for hit in commands.discover()]

            labels = [hit.text for hit in entries if not str(hit.text).startswith("Theme: ")]
            helps = [str(hit.help) for hit in entries if not str(hit.text).startswith("Theme: ")]
            assert len(set(zip(labels, helps, strict=True))) == len(labels)
            assert "Fold a namespace" in helps
            assert "Edit the value, a long one in $EDITOR" not in helps  # the values have not the focus
            zoom = next(hit for hit in entries if hit.text == "Zoom")
            assert isinstance(zoom.prompt, type(Entry("", "", lambda: None).shown))
            assert zoom.prompt.plain == "Zoom  ^f"

    asyncio.run(main())
