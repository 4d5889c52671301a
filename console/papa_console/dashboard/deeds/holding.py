"""Deeds about what the kernel holds: open, copy, make, make again, edit and remove it."""

import asyncio
from collections.abc import Sequence

from papa_console.dashboard.deeds.base import Base
from papa_console.dashboard.files import external
from papa_console.dashboard.files.clipboard import copy
from papa_console.dashboard.held.snapshot import Connection
from papa_console.dashboard.held.wiring import related, users_of
from papa_console.dashboard.screens import confirm
from papa_console.dashboard.screens.form import Made
from papa_console.dashboard.screens.forms import form_for, form_like
from papa_console.dashboard.screens.value import ValueScreen
from papa_console.dashboard.widgets.output_pane import CopyAsked
from papa_console.text import clean_line
from papa_protocol.model import ProcessInfo, SocketInfo

_LONG_VALUE = 200


class HoldingDeeds(Base):
    """What can be done to sockets, values and processes."""

    def action_open(self) -> None:
        """Open what is selected: the output of a process, the connections of a socket, a value."""
        held = self.focused_list
        if self.session.snapshot.kernel.connection is Connection.ABSENT:
            self.offer_kernel()
        elif held.selected is None:
            return
        elif held.kind == "processes":
            self.follow_shown()
            self.focus_pane("output")
        elif held.kind == "values":
            self._show_value(held.selected)
        else:
            self.action_wiring()

    def offer_kernel(self) -> None:
        """Ask whether to start a kernel where none listens."""
        self.ask(confirm.start_kernel(self.session.snapshot.kernel.endpoint), self._start_kernel)

    async def _start_kernel(self, answer: str) -> None:
        if answer == confirm.START:
            await self.attempt(self.session.link.start_kernel())
        elif answer == confirm.RETRY:
            self.session.link.retry()
        elif answer == confirm.QUIT:
            self.app.exit(0)

    def _show_value(self, name: str) -> None:
        text = self.session.snapshot.values.get(name, "")
        self.ask(ValueScreen(name, text, self.copy), lambda _: self._edit(name))

    # copying

    def copy(self, text: str) -> None:
        """Copy a text, and say where it went."""
        self.begin(self._copy_and_tell(text))

    async def _copy_and_tell(self, text: str) -> None:
        loop = asyncio.get_running_loop()

        def through_terminal(copied: str) -> None:
            loop.call_soon_threadsafe(self.app.copy_to_clipboard, copied)

        told = await self.attempt(asyncio.to_thread(copy, text, through_terminal))
        if told is not None:
            self.tell(told)

    def on_copy_asked(self, event: CopyAsked) -> None:
        """Copy text of the output."""
        self.copy(event.text)

    def action_copy(self) -> None:
        """Copy the PID of a process, the port or path of a socket, a value."""
        held = self.focused_list
        if held.selected is not None:
            self.copy(_short(held.kind, self.session.held(held.kind).get(held.selected)))

    def action_copy_all(self) -> None:
        """Copy the command line of a process, or everything about a socket or value."""
        held = self.focused_list
        if held.selected is not None:
            self.copy(_long(held.kind, held.selected, self.session.held(held.kind).get(held.selected)))

    # making and removing

    def action_make(self) -> None:
        """Make a thing of the kind that the list shows."""
        kind = self.focused_list.kind
        self.ask(form_for(kind, self.session.snapshot, self.run, self.session.state.forms.get(kind, {})), self._made)

    async def _made(self, made: Made) -> None:
        self.session.state.remember_form(made.kind, made.fields)
        self.tell(f"made {made.name}" if made.kind != "values" else f"set {made.name}")
        await self.attempt(self.session.link.refresh_now())
        held, link = self.list_of(made.kind), self.session.link
        # its row is not there before the next turn
        held.show(self.session.snapshot, link.history, self.session.vitals.readings, self.session.now())
        held.select(made.name)

    def action_make_again(self) -> None:
        """Make another process like the selected one."""
        held = self.focused_list
        name = held.selected
        if held.kind != "processes" or name is None or name not in self.session.snapshot.processes:
            self.tell("Select a process to make another like it", "warning")
            return
        form = form_like(name, self.session.snapshot, self.run, self.session.state.forms.get("processes", {}))
        self.ask(form, self._made)

    def action_edit(self) -> None:
        """Edit the selected value: a long one in the user's editor."""
        name = self.list_of("values").selected
        if name is not None:
            self.begin(self._edit(name), keys_wait=True)

    async def _edit(self, name: str) -> None:
        text = await self.attempt(self._whole_value(name))
        if text is None:
            return
        if len(text) <= _LONG_VALUE and "\n" not in text:
            form = form_for("values", self.session.snapshot, self.run, {"name": name, "value": text})
            self.ask(form, self._made)
            return
        try:
            edited = self.lend_terminal(lambda: external.edit_text(text, name))
        except external.ExternalError as error:
            self.tell(str(error), "error")
            return
        if edited is None:
            self.tell(f"{name} was not changed")
        elif await self.attempt(self.run(["set", name, edited])) is not None:
            self.tell(f"set {name}")

    async def _whole_value(self, name: str) -> str:
        await self.session.link.refresh_now()
        return self.session.snapshot.values.get(name, "")

    def action_remove(self) -> None:
        """Remove what is marked or selected, after a question that says what follows."""
        held = self.focused_list
        names = [name for name in held.chosen if name in self.session.held(held.kind)]
        if names:
            self._ask_to_remove(held.kind, names)

    def _ask_to_remove(self, kind: str, names: Sequence[str]) -> None:
        snapshot = self.session.snapshot
        if kind == "processes":
            question = confirm.remove_processes(snapshot, names)
        elif kind == "sockets":
            question = confirm.remove_sockets(snapshot, names, users_of(snapshot))
        else:
            question = confirm.remove_values(snapshot, names)
        self.ask(question, lambda _: self._remove(kind, names))

    async def _remove(self, kind: str, names: Sequence[str]) -> None:
        if await self.attempt(self.run(["remove", kind, *names])) is not None:
            self.tell(f"removed {', '.join(names[:3])}{' …' if len(names) > 3 else ''}")
            self.session.link.refresh()

    def light_up(self, kind: str, name: str) -> None:
        """Light up what is related to what is selected."""
        snapshot = self.session.snapshot
        for other, names in related(snapshot, kind, name).items():
            self.list_of(other).related = names


def _short(kind: str, info: object) -> str:
    if kind == "processes":
        process: ProcessInfo = info or {}  # type: ignore[assignment]
        return str(process.get("pid", ""))
    if kind == "sockets":
        held: SocketInfo = info or {}  # type: ignore[assignment]
        return str(held.get("path") or held.get("port", ""))
    return str(info)


def _long(kind: str, name: str, info: object) -> str:
    if kind == "processes":
        process: ProcessInfo = info or {}  # type: ignore[assignment]
        return process.get("args", "")
    if isinstance(info, dict):
        return " ".join([name, *(f"{key}={clean_line(str(value))}" for key, value in info.items())])
    return f"{name} {info}"
