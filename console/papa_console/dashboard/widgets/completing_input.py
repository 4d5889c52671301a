"""A line to type into whose words can be completed, with a list of what they can become.

Completing may look at files, so it is done in a thread; what comes back for a text that has changed is dropped.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from papa_console.dashboard.widgets.completion_list import CompletionList
from papa_console.dashboard.widgets.visible import visible
from papa_console.repl.candidate import Candidate, common_start

Complete = Callable[[str], Sequence[Candidate]]


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
        self._taken: str | None = None  # the text after a candidate was taken

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
        return found if text == self.before and self.has_focus else None

    def on_input_changed(self) -> None:
        """Offer candidates, or other ones, after something was typed."""
        if self.has_focus and self.value != self._taken and (self._as_typed or self.menu.is_open):
            self.action_offer()

    def action_offer(self) -> None:
        """Show the candidates."""
        self.run_worker(self._offer(), group="completion", exclusive=True)

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

    def action_complete(self) -> None:
        """Insert what the candidates share, or choose the next; with no list open that is for a subclass."""
        if not self.menu.is_open or (self.menu.chosen is None and self._is_complete()):
            self.menu.close()
            raise SkipAction
        if self.menu.chosen is not None or not self.insert_shared(self.menu.candidates):
            self.menu.move(1)

    def _is_complete(self) -> bool:
        """Whether the word is one of those offered, as it stands."""
        return any(self.before[candidate.start :] == candidate.text for candidate in self.menu.candidates)

    def action_choose(self, step: int) -> None:
        """Choose the next candidate or the one before; without a list the key is for others."""
        if not self.menu.is_open:
            raise SkipAction
        self.menu.move(step)

    def action_close_menu(self) -> None:
        """Close the list; without one the key is for others."""
        if not self.menu.is_open:
            raise SkipAction
        self.menu.close()

    async def action_submit(self) -> None:
        """Take the candidate that is chosen, else submit."""
        chosen = self.menu.chosen
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
        """Let a candidate take the place of the word before the cursor; a word that goes on offers more."""
        followed = self.value[self.cursor_position : self.cursor_position + 1] == " "
        self.menu.close()
        space = candidate.space and not followed and not self._plain
        self._put(candidate.start, candidate.text + " " * space)
        if not candidate.space:
            self.action_offer()

    def _put(self, start: int, text: str) -> None:
        before, after = self.value[:start], self.value[self.cursor_position :]
        self._taken = f"{before}{text}{after}"
        self.value = self._taken
        self.cursor_position = start + len(text)
