"""Deeds that are tools: the command bar, help, drawers and drawings of what there is, and leaving."""

import asyncio
from collections.abc import Sequence

from papa.errors import Error
from papa_console.dashboard.deeds.base import Base
from papa_console.dashboard.deeds.reading import named_lines
from papa_console.dashboard.files import bundle, export, picture
from papa_console.dashboard.files.saving import Named
from papa_console.dashboard.held.snapshot import Connection
from papa_console.dashboard.screens import confirm
from papa_console.dashboard.screens.help import HelpScreen
from papa_console.dashboard.screens.messages import MessagesScreen
from papa_console.dashboard.screens.themes import ThemeScreen
from papa_console.dashboard.screens.wire import WireScreen
from papa_console.dashboard.screens.wiring import WiringScreen
from papa_console.dashboard.widgets.command_bar import CommandBar
from papa_console.text import clock
from papa_protocol.names import is_pattern, matches


class ToolDeeds(Base):
    """What serves every pane."""

    def action_command(self) -> None:
        """Open the command bar."""
        self.query_one(CommandBar).open(lambda: self.session.snapshot, self.session.state.commands)

    def on_command_bar_submitted(self, event: CommandBar.Submitted) -> None:
        """Do what was typed."""
        self.session.state.remember_command(event.line)
        self.begin(self._run_typed(event.words))

    async def _run_typed(self, words: Sequence[str]) -> None:
        bar = self.query_one(CommandBar)
        if words[0] == "tail":
            self._show_processes(words[2:])
            bar.close()
            return
        if words[0] == "watch":
            bar.show_error("The console never consumes output: `tail` shows it, and the key a acknowledges it")
            return
        try:
            bar.show_result(words, await self.run(words))
        except Error as error:
            bar.show_error(str(error))
        self.session.link.refresh()

    def _show_processes(self, patterns: Sequence[str]) -> None:
        held = self.list_of("processes")
        known = self.session.snapshot.processes
        names = [name for name in known if any(matches(name, word) for word in patterns)]
        missing = [word for word in patterns if not is_pattern(word) and word not in known]
        if missing or not names:
            lacking = (missing or patterns)[0]
            what = f"process whose name matches {lacking}" if is_pattern(lacking) else f"process {lacking}"
            self.tell(f"There is no {what}: the list of processes shows all names", "error")
            return
        held.table.rows.set_marks(names if len(names) > 1 else [])
        held.table.marks_changed()
        held.select(names[0])
        self.follow_shown()
        self.focus_pane("output")

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(HelpScreen(self.session.config.keys))

    def action_messages(self) -> None:
        """Show earlier messages."""
        self.app.push_screen(MessagesScreen(self.session.journal.messages, self.copy))

    def action_wire(self) -> None:
        """Show what goes over the wire."""
        self.app.push_screen(WireScreen(self.session.link.wire, self.copy))

    def action_wiring(self) -> None:
        """Show what is connected with what."""
        held = self.focused_list
        selected = (held.kind, held.selected) if held.selected else None
        self.ask(WiringScreen(self.session.snapshot, self.session.link.history, selected), self._go_there)

    async def _go_there(self, chosen: tuple[str, str]) -> None:
        kind, name = chosen
        self.focus_pane(kind)
        self.list_of(kind).select(name)

    def action_theme(self) -> None:
        """Choose the colours."""
        self.ask(ThemeScreen(), self._keep_theme)

    async def _keep_theme(self, chosen: str) -> None:
        self.session.state.theme = chosen

    def action_reconnect(self) -> None:
        """Try the kernel again now."""
        self.session.link.retry()

    # pictures and files

    def _picture(self) -> str:
        return self.app.export_screenshot(title="papa-console", simplify=False)

    def action_picture(self) -> None:
        """Save a picture of the screen."""
        self.begin(self._save_picture(self._picture()))

    async def _save_picture(self, drawn: str) -> None:
        path = await self.attempt(asyncio.to_thread(picture.save_picture, drawn, self.session.now()))
        if path is not None:
            self.tell(f"saved a picture to {path}")

    def action_export(self) -> None:
        """Write everything that the kernel holds to a file."""
        self.begin(self._export())

    async def _export(self) -> None:
        if not await self._look_at_all("there is nothing to export"):
            return
        snapshot = self.session.snapshot
        path = await self.attempt(asyncio.to_thread(export.export, snapshot, self.session.now()))
        if path is not None:
            is_up = snapshot.kernel.connection is Connection.UP
            self.tell(f"wrote what papa {'holds' if is_up else f'held at {clock(snapshot.taken)}'} to {path}")

    async def _look_at_all(self, lacking: str) -> bool:
        """See that the snapshot is as new as it can be, with lists that are not on the screen too.

        Args:
            lacking: what to tell where no kernel has ever been met.
        """
        self.session.link.visible = {"processes", "sockets", "values"}
        try:
            await self.session.link.refresh_now()
        except Error as error:
            if not self.session.snapshot.taken:
                self.tell(f"{error}: {lacking}", "error")
                return False
            self.tell(str(error), "warning")
        finally:
            self.arrange_panes()
        return True

    def action_bundle(self) -> None:
        """Write a folder about an incident: the process that is shown, and all around it."""
        pane = self.focused_output
        if not pane.names:
            self.tell("No process is shown that a bundle could be about: select one first", "warning")
            return
        self.begin(self._bundle(pane.names, named_lines(pane), self._picture()))

    async def _bundle(self, names: Sequence[str], lines: Sequence[Named], picture: str) -> None:
        if not await self._look_at_all("there is nothing to write about"):
            return
        incident = bundle.Incident(names[0], self.session.snapshot, lines, picture=picture)
        folder = await self.attempt(asyncio.to_thread(bundle.write_bundle, incident, self.session.now()))
        if folder is not None:
            self.tell(f"wrote a bundle to {folder}")

    # leaving

    def action_quit(self) -> None:
        """Leave; asks while output is being drained."""
        if self.draining:
            files = {name: str(drain.path) for name, drain in self.draining.items()}
            self.ask(confirm.quit_while_draining(files), self._quit)
        else:
            self.app.exit(0)

    async def _quit(self, _: str) -> None:
        await self.stop_draining()
        self.app.exit(0)

    def action_suspend(self) -> None:
        """Go to the shell."""
        self.app.action_suspend_process()
