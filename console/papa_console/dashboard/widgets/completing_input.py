"""A line to type into whose words can be completed, with a list of what they can become.

Completing may look at files, so it is done in a thread; what comes back for a text that has changed is dropped. A key
that looks at the list waits for the one that belongs to the text, so that keys typed ahead do what they do when each
is waited for, and no candidate of an earlier text takes the place of what was typed since.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input
from textual.worker import WorkType

from papa_console.dashboard.widgets.completion_list import CompletionList
from papa_console.dashboard.widgets.visible import visible
from papa_console.repl.candidate import Candidate, common_start

Complete = Callable[[str], Sequence[Candidate]]
_GROUP = "completion"
_PATIENCE = 1.0  # files that take longer are not waited for by a key


class VisibleOnly(Highlighter):
    """Shows control characters as visible ones."""

    def highlight(self, text: Text) -> None:
        """Replace what must not reach a terminal."""
        text.plain = visible(text.plain)


class CompletingInput(Input):
    """A line whose words can be completed.

    Tab inserts what all candidates share, then chooses one after the other; Enter takes the one that is chosen.

    Args:
        menu: where the candidates are shown.
        complete: returns what the word at the end of a text can become; called in a thread.
        value: what is in the line at first.
        placeholder: what is shown while it is empty.
        as_typed: whether candidates are shown while typing, and not only after Tab.
        plain: whether the line is one text and not words, so that no blank follows what is taken.
    """

    DEFAULT_CSS = """
    CompletingInput, CompletingInput:focus { background-tint: $foreground 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False),
        Binding("shift+tab", "choose(-1)", "Previous", show=False),
        Binding("down", "choose(1)", "Next", show=False),
        Binding("up", "choose(-1)", "Previous", show=False),
        Binding("ctrl+@", "offer", "Show candidates", show=False),
        Binding("escape", "close_menu", "Close", show=False),
    ]

    class Offered(Message):
        """There are other candidates, or none any more."""

    def __init__(
        self,
        menu: CompletionList,
        complete: Complete,
        value: str = "",
        placeholder: str = "",
        *,
        as_typed: bool = True,
        plain: bool = False,
    ) -> None:
        super().__init__(value, placeholder, VisibleOnly(), compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.menu = menu
        self._complete = complete
        self._as_typed = as_typed
        self._plain = plain
        self._given: str | None = value  # the text as it was before anything was typed, or after a candidate was taken
        self._answered: tuple[str, int] | None = None  # the text and cursor that the list, or its absence, belongs to

    @property
    def before(self) -> str:
        """The text before the cursor."""
        return self.value[: self.cursor_position]

    async def _candidates(self) -> Sequence[Candidate] | None:
        """Return what the word before the cursor can become, None where the text has changed meanwhile."""
        text = self.before
        try:
            found = await asyncio.to_thread(self._complete, text)
        except (OSError, ValueError):  # no file can be called that
            found = ()
        if text != self.before or not self.has_focus:
            return None
        self._has_answered()
        return found

    def _has_answered(self) -> None:
        self._answered = (self.value, self.cursor_position)

    @property
    def _is_behind(self) -> bool:
        """Whether the list belongs to another text, or is still being looked for."""
        if self._answered is None or self._answered[0] != self.value:
            return True
        return self.menu.is_open and self._answered[1] != self.cursor_position

    async def _catch_up(self) -> None:
        """Wait for the list that belongs to the text."""
        if self._is_behind and (self._as_typed or self.menu.is_open):
            await self._at_once(self._offer())

    async def _at_once(self, looking: Coroutine[None, None, None]) -> None:
        """Wait for candidates, which takes the place of what looks for them in the background."""
        self.workers.cancel_group(self, _GROUP)
        try:
            await asyncio.wait_for(looking, _PATIENCE)
        except TimeoutError:
            self._has_answered()
            self.menu.close()

    def on_focus(self) -> None:
        """Offer nothing for a text that was there before."""
        self._has_answered()

    def on_input_changed(self) -> None:
        """Offer candidates, or other ones, after something was typed."""
        if self.value == self._given:
            return
        self._given = None
        if self.has_focus and (self._as_typed or self.menu.is_open):
            self.action_offer()

    def action_offer(self) -> None:
        """Show the candidates."""
        self._answered = None
        offer: WorkType[None] = self._offer  # no coroutine: nobody awaits that of a worker that ends before it begins
        self.run_worker(offer, group=_GROUP, exclusive=True)

    async def _offer(self) -> None:
        found = await self._candidates()
        if found is not None:
            self.show_menu([] if self._says_it_all(found) else found)

    def _says_it_all(self, found: Sequence[Candidate]) -> bool:
        """Whether the one candidate is there already."""
        return (
            len(found) == 1
            and self.before.endswith(found[0].text)
            and found[0].start + len(found[0].text) == len(self.before)
        )

    def show_menu(self, found: Sequence[Candidate]) -> None:
        """Show candidates; none close the list."""
        self.menu.offer(found)
        self.post_message(self.Offered())

    async def action_complete(self) -> None:
        """Insert what the candidates share, or choose the next; with no list open the key is for others."""
        await self._catch_up()
        if not self.menu.is_open or (self.menu.chosen is None and self._is_complete()):
            self.menu.close()
            raise SkipAction
        if self.menu.chosen is not None or not self.insert_shared(self.menu.candidates):
            self.menu.move(1)

    def _is_complete(self) -> bool:
        """Whether the word is one of those offered, as it stands."""
        return any(self.before[candidate.start :] == candidate.text for candidate in self.menu.candidates)

    async def action_choose(self, step: int) -> None:
        """Choose the next candidate or the one before; without a list the key is for others."""
        await self._catch_up()
        if not self.menu.is_open:
            raise SkipAction
        self.menu.move(step)

    async def action_close_menu(self) -> None:
        """Close the list; without one the key is for others."""
        await self._catch_up()
        if not self.menu.is_open:
            raise SkipAction
        self.menu.close()

    async def action_submit(self) -> None:
        """Take the candidate that is chosen, else submit; one chosen for an earlier text is none."""
        chosen = None if self._is_behind else self.menu.chosen
        if chosen is not None:
            self.take(chosen)
            return
        self.menu.close()
        await super().action_submit()

    def insert_shared(self, candidates: Sequence[Candidate]) -> bool:
        """Insert what all candidates begin with; return whether that changed the line."""
        if len(candidates) == 1:
            self.take(candidates[0])
            return True
        before, start, shared = self.before, candidates[0].start, common_start(candidates)
        if not shared.startswith(before[start:]) or shared == before[start:]:
            return False
        self._put(start, shared)
        return True

    def take(self, candidate: Candidate) -> None:
        """Let a candidate take the place of the word before the cursor; a word that goes on offers more.

        One that was found for another text is not taken.
        """
        if self._is_behind:
            return
        followed = self.value[self.cursor_position : self.cursor_position + 1] == " "
        self.menu.close()
        space = candidate.space and not followed and not self._plain
        self._put(candidate.start, candidate.text + " " * space)
        if not candidate.space:
            self.action_offer()

    def _put(self, start: int, text: str) -> None:
        before, after = self.value[:start], self.value[self.cursor_position :]
        self.value = self._given = f"{before}{text}{after}"
        self.cursor_position = start + len(text)
        self._has_answered()
