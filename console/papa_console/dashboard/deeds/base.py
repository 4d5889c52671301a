"""What the deeds of the main screen build on: the screen's parts, and how the user is told something."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from textual.screen import Screen

from papa.errors import Error
from papa_console.dashboard.files.drain import Drain
from papa_console.dashboard.files.external import ExternalError
from papa_console.dashboard.files.saving import SavingError
from papa_console.dashboard.files.writing import reason
from papa_console.dashboard.journal import Severity
from papa_console.dashboard.session import Session
from papa_console.dashboard.widgets.busy import Busy
from papa_console.dashboard.widgets.lists import HeldList
from papa_console.dashboard.widgets.output_pane import OutputPane
from papa_console.text import clean
from papa_protocol.command_table import COMMANDS

T = TypeVar("T")
R = TypeVar("R")
_SECONDS = {"information": 5.0, "warning": 8.0, "error": 12.0}


class Base(Screen[None], Busy):
    """The main screen, as its deeds see it.

    Args:
        session: what the running console shares.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.draining: dict[str, Drain] = {}

    def list_of(self, kind: str) -> HeldList:
        """Return the list of one kind."""
        return self.query_one(f"#{kind}", HeldList)

    @property
    def output(self) -> OutputPane:
        """The output that follows the selection."""
        return self.query_one("#output", OutputPane)

    @property
    def focused_list(self) -> HeldList:
        """The list that has the focus, else the one that had it last."""
        raise NotImplementedError

    @property
    def focused_output(self) -> OutputPane:
        """The output that has the focus, else the first."""
        focus = self.focused
        while focus is not None and not isinstance(focus, OutputPane):
            focus = focus.parent  # type: ignore[assignment]
        return focus or self.output

    def tell(self, text: str, severity: Severity = "information") -> None:
        """Tell the user something: for a moment on the screen, for later in the messages."""
        safe = clean(text)
        self.session.journal.add(self.session.now(), safe, severity)
        self.notify(safe, severity=severity, timeout=_SECONDS[severity], markup=False)

    async def attempt(self, deed: Awaitable[T]) -> T | None:
        """Return the result of a deed; where the kernel or the system says no, tell why and return None."""
        try:
            return await deed
        except (Error, SavingError, ExternalError) as error:
            self.tell(str(error), "error")
        except OSError as error:
            self.tell(reason(error), "error")
        return None

    async def run(self, words: Sequence[str]) -> str:
        """Send a command in full words and return the reply; ``papa.Error`` says why not."""
        if self.session.options.read_only and not COMMANDS.resolve(words).command.reads_only:
            raise Error(f"{' '.join(words[:2])} would change what papa holds, and this console is --read-only")
        reply = await self.session.link.request(words)
        if list(words[:2]) == ["make", "process"]:
            self.session.own.add(words[2])
        return reply

    async def stop_draining(self, names: Sequence[str] | None = None) -> None:
        """Stop draining some processes, or all; what was saved by then is acknowledged, the rest is not."""
        for name in list(names if names is not None else self.draining):
            drain = self.draining.pop(name, None)
            if drain is not None:  # else it has ended by itself meanwhile, or is being stopped
                await drain.stop()
                self.tell(f"{name}: draining {drain.status}")

    def copy(self, text: str) -> None:
        """Copy a text, and say where it went."""
        raise NotImplementedError

    def focus_pane(self, name: str) -> None:
        """Give a pane the focus, bringing it into view where it is not."""
        raise NotImplementedError

    def refresh_now(self) -> None:
        """Draw everything again with the next turn."""
        raise NotImplementedError

    def follow_shown(self) -> None:
        """Have the kernel send the output of what is shown, and show it."""
        raise NotImplementedError

    def remember(self) -> None:
        """Take down for the next time how the screen is."""
        raise NotImplementedError

    def action_wiring(self) -> None:
        """Show the connections."""
        raise NotImplementedError

    @property
    def focused_pane(self) -> str:
        """The id of the pane that has the focus, empty where none has."""
        raise NotImplementedError

    def arrange_panes(self) -> None:
        """Show what there is room for and what the user asked for."""
        raise NotImplementedError

    def ask(self, screen: Screen[R | None], then: Callable[[R], Coroutine[Any, Any, object]]) -> None:
        """Lay a screen over this one at once, so that the next key is its, and do something with its result.

        Args:
            screen: dismissed with a result, or with None where nothing is to be done.
            then: what is done with a result.
        """

        def answered(result: R | None) -> None:
            if result is not None:
                self.begin(then(result), keys_wait=True)

        self.app.push_screen(screen, answered)

    def lend_terminal(self, use: Callable[[], T]) -> T:
        """Return what ``use`` returns, which has the terminal to itself meanwhile."""
        raised: Exception
        with self.app.suspend():  # what is raised in it would keep the terminal from coming back
            try:
                return use()
            except Exception as error:  # noqa: BLE001 - raised again below
                raised = error
        raise raised

    def begin(self, deed: Coroutine[Any, Any, object], *, keys_wait: bool = False) -> None:
        """Do something that takes a while.

        Args:
            deed: it.
            keys_wait: whether what is typed next is for what comes of it, such as a form that it opens.
        """
        self.is_busy = self.is_busy or keys_wait
        self.run_worker(self._busy_with(deed) if keys_wait else deed, exit_on_error=True)

    async def _busy_with(self, deed: Coroutine[Any, Any, object]) -> None:
        try:
            await deed
        finally:
            self.is_busy = False
