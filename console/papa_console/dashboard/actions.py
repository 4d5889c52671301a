"""Everything that a user can do: one table from which keys, footer, palette and help are made.

An action ``id`` is done by a method ``action_id``: of the widget that has the focus, or, where ``target`` says so, of
the main screen or the application. Keys are those of k9s, vi and less where these agree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from textual.binding import Binding


class Where(Enum):
    """Where an action can be done; the value is what help calls it."""

    EVERYWHERE = "Everywhere"
    LISTS = "In a list"
    PROCESSES = "In the list of processes"
    VALUES = "In the list of values"
    OUTPUT = "In the output"


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the table.

    Args:
        id: what it is called in the configuration, and the method that does it.
        keys: the keys, separated by commas.
        label: one or two words for the footer.
        help: what it does, for help and the palette.
        where: where it can be done.
        target: who does it: "" for the focused widget, "screen" or "app".
        footer: its place among the keys that the footer shows, from the left; 0 for none.
        changes: whether it changes what the kernel holds; ``--read-only`` takes such actions away.
    """

    id: str
    keys: str
    label: str
    help: str
    where: Where
    target: str = ""
    footer: int = 0
    changes: bool = False

    @property
    def binding_id(self) -> str:
        """What it is called in a keymap, unique."""
        return f"{self.where.name.lower()}.{self.id}"

    @property
    def call(self) -> str:
        """The action as Textual runs it."""
        return f"{self.target}.{self.id}" if self.target else self.id


_S, _A = "screen", "app"
_E, _L, _P, _V, _O = Where.EVERYWHERE, Where.LISTS, Where.PROCESSES, Where.VALUES, Where.OUTPUT

ACTIONS = (
    # panes
    Action("pane_processes", "1", "Processes", "Go to the processes", _E, _S),
    Action("pane_sockets", "2", "Sockets", "Go to the sockets", _E, _S),
    Action("pane_values", "3", "Values", "Go to the values", _E, _S),
    Action("pane_output", "4", "Output", "Go to the output", _E, _S),
    Action("next_pane", "tab", "Next", "Go to the next pane", _E, _S),
    Action("previous_pane", "shift+tab", "Previous", "Go to the previous pane", _E, _S),
    Action("zoom", "z", "Zoom", "Give the pane the whole screen, and back", _E, _S, 70),
    Action("back", "escape", "Back", "Go back one step: end a search or filter, leave the output", _E, _S),
    Action("inspect", "i", "Details", "Show or hide everything known about what is selected", _E, _S),
    # tools
    Action("command", "colon", "Command", "Type any command of the kernel, with completion and hints", _E, _S, 80),
    Action("command_palette", "ctrl+p", "Palette", "Find an action by its name", _E, _A),
    Action("help", "question_mark", "Help", "Show the keys and what they do", _E, _S, 90),
    Action("messages", "exclamation_mark", "Messages", "Read earlier messages and errors again", _E, _S),
    Action("wire", "L", "Wire", "Show each line sent to the kernel and received, with times", _E, _S),
    Action("wiring", "W", "Wiring", "Show which processes hold which sockets, and who sets which values", _E, _S),
    Action("heat", "H", "Heat", "Show or hide the strip of activity over time", _E, _S),
    Action("earlier", "left_square_bracket", "Earlier", "Move every pane back in time, to the activity before", _E, _S),
    Action("later", "right_square_bracket", "Later", "Move every pane on in time, at the end back to now", _E, _S),
    Action("pin", "P", "Pin", "Keep this output in a second pane beside, and unpin it", _E, _S),
    Action("bundle", "B", "Bundle", "Write a folder about an incident: facts, output, a picture", _E, _S),
    Action("export", "X", "Export", "Write everything that the kernel holds to a JSON file", _E, _S),
    Action("picture", "ctrl+g", "Picture", "Save a picture of the screen as SVG", _E, _S),
    Action("theme", "ctrl+t", "Theme", "Choose the colours", _E, _S),
    Action("reconnect", "ctrl+r", "Reconnect", "Try the kernel again now", _E, _S),
    Action("quit", "q,ctrl+q", "Quit", "Leave; whatever papa holds stays", _E, _S, 100),
    Action("suspend", "ctrl+z", "Suspend", "Go to the shell; fg comes back", _E, _S),
    # lists
    Action("up", "k,up", "Up", "Move up", _L),
    Action("down", "j,down", "Down", "Move down", _L),
    Action("page_up", "ctrl+u,pageup", "Page up", "Move a page up", _L),
    Action("page_down", "ctrl+d,pagedown", "Page down", "Move a page down", _L),
    Action("first", "g,home", "First", "Move to the first row", _L),
    Action("last", "G,end", "Last", "Move to the last row", _L),
    Action("open", "enter", "Open", "Open what is selected: its output, its value, its connections", _L, _S, 10),
    Action("filter", "f,slash", "Filter", "Show only rows that contain a text", _L, "", 20),
    Action("sort", "s", "Sort", "Sort by the next column", _L, "", 30),
    Action("reverse", "S", "Reverse", "Sort the other way round", _L),
    Action("copy", "y", "Copy", "Copy the PID, port, path or value", _L, _S),
    Action("copy_all", "Y", "Copy line", "Copy the command line, or the whole row", _L, _S),
    Action("make", "plus", "Make", "Make a socket or process, or set a value", _L, _S, 50, changes=True),
    Action("make_again", "M", "Again", "Make another like the selected one", _L, _S, changes=True),
    Action("remove", "x,delete", "Remove", "Remove what is selected, after a question", _L, _S, 60, changes=True),
    Action("mark", "space", "Mark", "Mark a row; the output of marked processes is merged by time", _L, "", 40),
    Action("unmark", "u", "Unmark", "Unmark all rows", _L),
    # processes
    Action("tree", "T", "Tree", "Fold dotted names into a tree with totals", _P),
    Action("fold", "h,left", "Fold", "Fold a namespace", _P),
    Action("unfold", "l,right", "Unfold", "Unfold a namespace", _P),
    Action("acknowledge", "a", "Acknowledge", "Acknowledge up to the last line seen", _P, _S, 55, changes=True),
    Action("acknowledge_all", "A", "All", "Acknowledge what was seen in the namespace", _P, _S, changes=True),
    # values
    Action("edit", "e", "Edit", "Edit the value, a long one in $EDITOR", _V, _S, 45, changes=True),
    # output
    Action("up", "k,up", "Up", "Scroll up", _O),
    Action("down", "j,down", "Down", "Scroll down", _O),
    Action("page_up", "ctrl+u,pageup", "Page up", "Scroll a page up", _O),
    Action("page_down", "ctrl+d,pagedown", "Page down", "Scroll a page down", _O),
    Action("first", "g,home", "First", "Go to the oldest line", _O),
    Action("last", "G,end", "Last", "Go to the newest line and follow", _O),
    Action("scroll_left", "h,left", "Left", "Scroll to the left", _O),
    Action("scroll_right", "l,right", "Right", "Scroll to the right", _O),
    Action("search", "slash", "Search", "Search: n and N go on; ~ before a regular expression", _O, "", 10),
    Action("next_match", "n", "Next", "Go to the next match", _O),
    Action("previous_match", "N", "Previous", "Go to the match before", _O),
    Action("filter", "f", "Filter", "Show only lines that contain a text; ! before it turns that round", _O, "", 20),
    Action("context", "c", "Context", "Show 0, 1 or 3 lines around each line that a filter lets through", _O),
    Action("follow", "F", "Follow", "Follow the newest line, or hold still", _O, "", 30),
    Action("wrap", "w", "Wrap", "Wrap long lines, or cut them", _O),
    Action("times", "t", "Times", "Show no times, clock, age, or time since the line before", _O),
    Action("streams", "o", "Streams", "Show standard output, standard error, or both", _O),
    Action("next_error", "e", "Error", "Go to the next line of an error", _O, "", 40),
    Action("previous_error", "E", "Error before", "Go to the line of an error before", _O),
    Action("copy", "y", "Copy", "Copy the selected text, or the line at the cursor", _O),
    Action("copy_all", "Y", "Copy all", "Copy every line that is on the screen", _O),
    Action("save", "s", "Save", "Save the lines to a file", _O, _S),
    Action("pager", "vertical_line", "Pager", "Read the lines in $PAGER", _O, _S),
    Action("editor", "v", "Editor", "Open the lines in $EDITOR", _O, _S),
    Action("acknowledge", "a", "Acknowledge", "Acknowledge up to the last line seen", _O, _S, 55, changes=True),
    Action("acknowledge_all", "A", "All", "Acknowledge what was seen in the namespace", _O, _S, changes=True),
    Action("drain", "D", "Drain", "Save each line to a file, then acknowledge it", _O, _S, changes=True),
)  # fmt: skip

# What only moves about; the palette has it last.
MOVES = frozenset(
    {"up", "down", "page_up", "page_down", "first", "last", "scroll_left", "scroll_right", "fold", "unfold"}
)
BY_BINDING_ID: Mapping[str, Action] = {action.binding_id: action for action in ACTIONS}


def actions_of(*places: Where) -> Iterator[Action]:
    """Yield the actions that can be done in ``places``."""
    return (action for action in ACTIONS if action.where in places)


def _binding(action: Action) -> Binding:
    return Binding(action.keys, action.call, action.label, show=bool(action.footer), id=action.binding_id)


def bindings(*places: Where) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """Return what a widget or screen binds, as Textual wants it for ``BINDINGS``."""
    return [_binding(action) for action in actions_of(*places) if action.target != _A]


def app_bindings() -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """Return what the application binds."""
    return [_binding(action) for action in ACTIONS if action.target == _A]
