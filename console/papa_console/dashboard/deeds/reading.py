"""Deeds about the lines of the output: save them, and read them elsewhere."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from papa_console.dashboard.deeds.base import Base
from papa_console.dashboard.files import external, saving
from papa_console.dashboard.output.view import entry_of
from papa_console.dashboard.widgets.gutter import Times
from papa_console.dashboard.widgets.output_pane import OutputPane


def named_lines(pane: OutputPane) -> list[saving.Named]:
    """Return the lines that a pane lets through, each with the name of its process; some may just have gone."""
    view = pane.view
    entries = (entry_of(view, number) for number in range(view.first, view.next))
    return [(entry.store.name, entry.line) for entry in entries if entry is not None]


def shows_times(pane: OutputPane) -> bool:
    """Whether a pane's lines show times, and so are saved with them."""
    return pane.lines.look.times is not Times.OFF


def _no_lines(pane: OutputPane) -> str:
    """Return why a pane has no lines that could be saved or read elsewhere."""
    if not pane.names:
        return "There are no lines: no process is selected"
    if pane.filtered:
        return f'There are no lines: the filter "{pane.filtered}" lets none through; escape ends it'
    return (
        f"There are no lines: {', '.join(pane.names[:3])} {'has' if len(pane.names) == 1 else 'have'} written nothing"
    )


class ReadingDeeds(Base):
    """What can be done with lines."""

    async def _write(self, pane: OutputPane, *, times: bool) -> saving.Saved | None:
        lines = named_lines(pane)
        if not lines:
            self.tell(_no_lines(pane), "warning")
            return None
        title = pane.names[0] if len(pane.names) == 1 else f"{len(pane.names)}-processes"
        several = len(pane.names) > 1
        save = partial(saving.save_lines, None, lines, title, now=self.session.now(), times=times, names=several)
        return await self.attempt(asyncio.to_thread(save))

    def action_save(self) -> None:
        """Save the lines to a file."""
        self.begin(self._save(self.focused_output))

    async def _save(self, pane: OutputPane) -> None:
        saved = await self._write(pane, times=shows_times(pane))
        if saved is not None:
            self.tell(f"saved {saved.lines:,} lines to {saved.path}")

    def action_pager(self) -> None:
        """Read the lines in the user's pager."""
        self.begin(self._read(self.focused_output, external.run_pager))

    def action_editor(self) -> None:
        """Open the lines in the user's editor."""
        self.begin(self._read(self.focused_output, external.run_editor))

    async def _read(self, pane: OutputPane, program: Callable[[Path], None]) -> None:
        saved = await self._write(pane, times=shows_times(pane))
        if saved is None:
            return
        try:
            self.lend_terminal(lambda: program(saved.path))
        except external.ExternalError as error:
            self.tell(str(error), "error")
