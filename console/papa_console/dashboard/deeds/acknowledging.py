"""Deeds that let the kernel forget output: always what was seen or saved, never more, and never unasked."""

from collections.abc import Mapping, Sequence

from papa.aio import AsyncPapa
from papa.errors import Error
from papa_console.dashboard.deeds.base import Base
from papa_console.dashboard.files.drain import Drain
from papa_console.dashboard.files.receipt import Receipt, save_and_release, saved_folder
from papa_console.dashboard.files.records import NotSavedError
from papa_console.dashboard.held.wiring import namespace
from papa_console.dashboard.releases import (
    failed_text,
    is_gone,
    receipt_text,
    released_text,
    releases_of,
    saved_text,
)
from papa_console.dashboard.screens import confirm
from papa_console.dashboard.screens.confirm import Release
from papa_console.dashboard.session import Session
from papa_console.dashboard.widgets.output_pane import OutputPane
from papa_protocol.words import Dialect

_OLD_KERNEL = "This kernel is papa 1.0, which cannot acknowledge up to a line: a watch in papa-repl acknowledges it all"


class AcknowledgeDeeds(Base):
    """Acknowledging, and draining, which saves and acknowledges by itself."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.seen: dict[str, int] = {}  # the position of the last line that was on the screen, by process
        self._seen_of: dict[str, tuple[int | None, float | None]] = {}  # which process that was
        self._stale: dict[str, int] = {}  # what a pane tells of the process before, until it shows the new one

    def note_seen(self, seen: Mapping[str, int]) -> None:
        """Keep what has been on the screen; a process made anew under a name begins anew."""
        for name, position in seen.items():
            info = self.session.snapshot.processes.get(name, {})
            identity = (info.get("pid"), info.get("started"))
            if self._seen_of.setdefault(name, identity) != identity:
                self._seen_of[name], self._stale[name] = identity, position
                self.seen.pop(name, None)
            if position != self._stale.get(name):
                self.seen[name] = max(position, self.seen.get(name, 0))

    def look_what_was_seen(self) -> None:
        """Take down what is on the screen: the last turn may have been before it was drawn."""
        for pane in self.query(OutputPane):
            if pane.display:
                self.note_seen(pane.seen())

    def action_acknowledge(self) -> None:
        """Acknowledge the shown or selected processes up to the last line seen."""
        self.look_what_was_seen()
        names = self.focused_output.names if self.focused_pane in ("output", "pinned") else self._selected()
        self._acknowledge_seen(names, asked=False)

    def action_acknowledge_all(self) -> None:
        """Acknowledge what was seen of a whole namespace, after a question."""
        self.look_what_was_seen()
        names = self._selected()
        home = namespace(names[0]) if names else ""
        processes = self.session.snapshot.processes
        around = [name for name in processes if home and name.startswith(f"{home}.")] or names
        self._acknowledge_seen([name for name in around if name in processes], asked=True)

    def _acknowledge_seen(self, names: Sequence[str], *, asked: bool) -> None:
        upto = {name: self.seen[name] for name in names if name in self.seen}
        if upto:
            self._acknowledge(upto, asked=asked)
        elif names:
            what = f"the output of {names[0]}" if len(names) == 1 else f"the output of these {len(names):,} processes"
            self.tell(f"Nothing of {what} has been seen yet: open it first", "warning")
        else:
            self.tell("No process is selected whose output could be acknowledged", "warning")

    def _selected(self) -> list[str]:
        return self.list_of("processes").chosen

    def _acknowledge(self, upto: Mapping[str, int], *, asked: bool) -> None:
        if self.session.snapshot.kernel.dialect is Dialect.V1:
            self.tell(_OLD_KERNEL, "warning")
            return
        found = releases_of(upto, self.session.snapshot, self.session.link.storage.stores, self.session.own)
        if not found:
            self.tell("Nothing to acknowledge: what was seen has been acknowledged before")
        elif asked or any(release.watchers or release.foreign or release.end for release in found):
            self.ask(confirm.acknowledge(found), lambda answer: self._answered(answer, found, upto))
        else:
            self.begin(self._release(found, upto))

    async def _answered(self, answer: str, found: Sequence[Release], upto: Mapping[str, int]) -> None:
        """Do what was chosen; the question may have stood for hours, so what is held is looked at again first."""
        try:
            await self.session.link.refresh_now()
        except Error as error:
            self.tell(f"Nothing was acknowledged: {error}", "error")
            return
        if answer == confirm.SAVE:
            await self._save_and_release(found, upto)
        elif answer == confirm.ACKNOWLEDGE:
            await self._release(found, upto)

    async def _release(self, found: Sequence[Release], upto: Mapping[str, int]) -> None:
        done, failed = [], []
        for release in found:
            try:
                self._check_still_there(release)
                await self.session.link.request(
                    ["acknowledge", "processes", release.name, f"upto={upto[release.name]}"]
                )
            except (NotSavedError, Error) as error:
                failed.append(f"{release.name} was not acknowledged: {error}")
            else:
                done.append(release)
        if done:
            self.tell(released_text(done))
        if failed:
            self.tell(failed_text(failed), "error")

    def _check_still_there(self, release: Release) -> None:
        if is_gone(release, self.session.snapshot):
            raise NotSavedError("it is another process by now, or none")

    async def _save_and_release(self, found: Sequence[Release], upto: Mapping[str, int]) -> None:
        saved: dict[str, Receipt] = {}
        failed = []
        try:
            async with AsyncPapa(self.session.options.endpoint, self.session.options.timeout, start=False) as client:
                for release in found:
                    try:
                        self._check_still_there(release)
                        saved[release.name] = await save_and_release(client, release.name, upto[release.name])
                    except (NotSavedError, Error) as error:
                        failed.append(f"{release.name}: not saved, and so not acknowledged: {error}")
        except Error as error:  # there is no connection
            failed.append(f"Nothing was saved, and so nothing acknowledged: {error}")
        self._tell_receipts(saved)
        if failed:
            self.tell(failed_text(failed), "error")

    def _tell_receipts(self, saved: Mapping[str, Receipt]) -> None:
        done = {name: receipt for name, receipt in saved.items() if receipt.acknowledged}
        if done:
            self.tell(saved_text(done))
        for name, receipt in saved.items():
            if not receipt.acknowledged:
                self.tell(f"{receipt_text(name, receipt)}; not acknowledged: {receipt.problem}", "warning")

    # draining

    def action_drain(self) -> None:
        """Save each line to a file from now on, then acknowledge it; or stop that."""
        names = [name for name in self.focused_output.names if name in self.session.snapshot.processes]
        running = [name for name in names if name in self.draining]
        if running:
            self.begin(self.stop_draining(running))
        elif names:
            self.ask(confirm.drain(names, str(saved_folder())), lambda _: self._drain(names))
        else:
            self.tell("No process is shown that could be drained: select one first", "warning")

    async def _drain(self, names: Sequence[str]) -> None:
        for name in names:
            self.draining[name] = Drain(self.session.options.endpoint, name, self.session.options.timeout)
            self.draining[name].start()
        self.refresh_now()

    def look_after_drains(self) -> None:
        """Tell of drains that have ended by themselves."""
        for name, drain in list(self.draining.items()):
            if not drain.running:
                del self.draining[name]
                self.tell(f"{name}: draining {drain.status}", "error" if drain.problem else "information")
