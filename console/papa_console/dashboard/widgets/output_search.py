"""Finding lines in a pane of output: search, filter and errors, and the bar into which patterns are typed."""

from collections.abc import Callable

from papa_console.dashboard.output.search import BadPattern, Matcher
from papa_console.dashboard.output.view import entry_of
from papa_console.dashboard.widgets.input_bar import InputBar
from papa_console.dashboard.widgets.output_moves import Moves

_CONTEXTS = (0, 1, 3)
_FEW = 100


def compiled(text: str, *, invertible: bool = True) -> Matcher | None:
    """Return what a pattern matches; None for an empty one.

    Raises:
        BadPattern: it is not a pattern.
    """
    return Matcher.parse(text, invertible=invertible) if text else None


class Searches(Moves):
    """A pane whose lines can be searched and filtered.

    Args:
        id: what the widget is called.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.searched = ""
        self.filtered = ""
        self.context = 0
        self._wrong = False

    # the bar

    def action_search(self) -> None:
        """Open the bar to search."""
        self._wrong = False
        self.bar.open("search", "/", self.searched, "text, or ~ and a regular expression")

    def action_filter(self) -> None:
        """Open the bar to filter."""
        self._wrong = False
        self.bar.open(
            "filter", "filter", self.filtered, "text, ~ and a regular expression, ! before it to turn it round"
        )

    def on_input_bar_typed(self, message: InputBar.Typed) -> None:
        """Search or filter as is typed."""
        message.stop()
        self._use(message.bar.purpose, message.text)

    def on_input_bar_closed(self, message: InputBar.Closed) -> None:
        """Keep what was typed."""
        message.stop()
        self._use(message.bar.purpose, message.text)

    def _use(self, purpose: str, text: str) -> None:
        try:
            matcher = compiled(text, invertible=purpose == "filter")
        except BadPattern as error:
            self.bar.set_info(str(error), wrong=True)
            self._wrong = True
            return
        self._wrong = False
        if purpose == "search":
            self.set_search(text, matcher)
        else:
            self.set_filter(text, matcher)
        self.show_found()

    def set_search(self, text: str, matcher: Matcher | None) -> None:
        """Search for a pattern, and go to the match nearest to what is on the screen."""
        if text == self.searched:
            return
        self.searched = text
        lines = self.lines
        lines.look.chosen = None
        lines.look.search = matcher
        self.view.set_search(matcher)
        lines.artist.redraw(parse=True)
        entries = lines.port.entries()
        if matcher is not None and entries:
            found = self.view.find(entries[0], 1)
            found = self.view.find(entries[0] - 1, -1) if found is None else found
            if found is not None:
                lines.choose_match(found)
                return
        lines.moved()

    def set_filter(self, text: str, matcher: Matcher | None) -> None:
        """Show only the lines that a pattern lets through."""
        if text != self.filtered:
            self.filtered = text
            self._refilter(matcher)

    def _refilter(self, matcher: Matcher | None) -> None:
        lines = self.lines
        lines.forget_numbers()
        lines.change(lambda: self.view.set_filter(matcher, self.context))
        lines.moved()

    def show_found(self) -> None:
        """Show in the bar how many lines match, and which of them is chosen, unless it says what is wrong."""
        if self.bar.is_open and not self._wrong:
            self.bar.set_info(self.found())

    def found(self) -> str:
        """Return how far the search is, such as ``3/17``; for the filter how many lines it lets through."""
        if self.bar.is_open and self.bar.purpose == "filter":
            return (f"{self.matches():,} lines" if self.matches() else "no match") if self.filtered else ""
        if not self.searched:
            return ""
        view, chosen = self.view, self.lines.look.chosen
        more = "" if view.search_done else "+"
        if not view.match_count:
            return "no match" if view.search_done else "…"
        index = view.match_index(chosen) if chosen is not None else None
        return f"{'–' if index is None else f'{index:,}'}/{view.match_count:,}{more}"

    def matches(self) -> int:
        """Return how many lines the filter lets through, without what is ours; where there are many, with it."""
        view = self.view
        count = view.next - view.first
        if count > _FEW or view.behind:
            return count or 1
        entries = (entry_of(view, number) for number in range(view.first, view.next))
        return sum(entry.match for entry in entries if entry is not None)

    # actions

    def action_next_match(self) -> None:
        """Go to the next match."""
        self._step(1)

    def action_previous_match(self) -> None:
        """Go to the match before."""
        self._step(-1)

    def action_next_error(self) -> None:
        """Go to the next line of an error."""
        self._error(1)

    def action_previous_error(self) -> None:
        """Go to the line of an error before."""
        self._error(-1)

    def action_context(self) -> None:
        """Show more lines around those that the filter lets through, or none."""
        self.context = _CONTEXTS[(_CONTEXTS.index(self.context) + 1) % len(_CONTEXTS)]
        self._refilter(compiled(self.filtered))

    def _step(self, direction: int) -> None:
        if self.searched:
            self._go_to(self.view.find(self._start(direction), direction), self.lines.choose_match)

    def _error(self, direction: int) -> None:
        self._go_to(self.view.next_error(self._start(direction), direction), self.lines.choose)

    def _start(self, direction: int) -> int:
        """Return where to look first: beside the chosen line where it is in view, else at the edge of the screen."""
        entries = self.lines.port.entries()
        chosen = self.lines.look.chosen
        if chosen is not None and chosen in entries:
            return chosen + direction
        return (entries[0] if direction > 0 else entries[-1]) if entries else self.view.first

    def _go_to(self, entry: int | None, choose: Callable[[int], None]) -> None:
        if entry is not None:
            choose(entry)
        self.show_found()
