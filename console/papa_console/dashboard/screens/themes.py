"""The colours: a list of themes, each shown at once while the cursor is on it."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from papa_console.dashboard.screens.dialog import Dialog


class ThemeScreen(Dialog[str]):
    """Chooses the colours; dismissed with the name of a theme. Esc brings the one before back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(True)", "Down", show=False),
        Binding("k", "move(False)", "Up", show=False),
    ]
    DEFAULT_CSS = """
    ThemeScreen {
        background: transparent; align: right middle;
        & Frame { width: 40; margin: 0 1; padding: 0; }
        & OptionList {
            height: auto; background: $surface; background-tint: $foreground 0%; scrollbar-size-vertical: 1;
        }
        & OptionList:ansi { background: ansi_default; }
        & OptionList:ansi > .option-list--option-highlighted {
            background: ansi_default; color: ansi_default; text-style: bold reverse;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__("Colours", [("↑↓", "try"), ("⏎", "keep")])
        self._before = ""

    def contents(self) -> Iterable[Widget]:
        """Return the list, in which the theme of now is chosen."""
        self._before = self.app.theme
        themes = sorted(self.app.available_themes.values(), key=lambda theme: (not theme.dark, theme.name))
        options = [Option(_line(theme.name, dark=theme.dark), id=theme.name) for theme in themes]
        listed = OptionList(*options, compact=True)
        listed.highlighted = next(n for n, theme in enumerate(themes) if theme.name == self._before)
        return [listed]

    def on_resize(self, event: Resize) -> None:
        """Let the list scroll where it does not fit."""
        self.query_one(OptionList).styles.max_height = max(event.size.height - 6, 3)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the theme."""
        if event.option_id is not None:
            self.app.theme = event.option_id

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Keep the theme."""
        self.dismiss(event.option_id)

    def action_move(self, down: bool) -> None:
        """Move in the list."""
        listed = self.query_one(OptionList)
        if down:
            listed.action_cursor_down()
        else:
            listed.action_cursor_up()

    def action_leave(self) -> None:
        """Bring the theme before back, and leave."""
        self.app.theme = self._before
        self.dismiss(None)


def _line(name: str, *, dark: bool) -> Content:
    return Content(f" {name:<26}").append(Content.styled("dark" if dark else "light", "dim"))
