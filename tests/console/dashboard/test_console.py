"""The console as a whole: what its keys do, on a kernel that stands still."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual.binding import ActiveBinding
from textual.pilot import Pilot
from textual.widgets import Input

from papa_console.dashboard.actions import ACTIONS
from papa_console.dashboard.app import Console
from papa_console.dashboard.main_screen import MainScreen
from papa_console.dashboard.screens.question import Question
from papa_console.dashboard.widgets.command_bar import CommandBar
from papa_console.dashboard.widgets.heat import HeatStrip
from papa_console.dashboard.widgets.output_pane import OutputPane
from papa_protocol.model import ProcessInfo
from support import scenes
from support.still import NOW, StillLink, process

SIZE = (120, 40)
Deed = Callable[["Stage"], Awaitable[None]]


class Stage:
    """A console on a kernel that stands still, and somebody who types."""

    def __init__(self, console: Console, pilot: Pilot[int]) -> None:
        self.console = console
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await scenes.play(self.pilot, keys)

    @property
    def link(self) -> StillLink:
        assert isinstance(self.console.session.link, StillLink)
        return self.console.session.link

    @property
    def main(self) -> MainScreen:
        return next(screen for screen in self.console.screen_stack if isinstance(screen, MainScreen))

    @property
    def pane(self) -> str:
        return self.main.focused_pane

    @property
    def told(self) -> list[str]:
        return [message.text for message in self.console.session.journal.messages]

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.console.screen._compositor.render_strips())


def play(deed: Deed, link: StillLink | None = None, size: tuple[int, int] = SIZE, **options: object) -> None:
    """Run a console and let ``deed`` use it."""

    async def run() -> None:
        console = scenes.still_console(link or scenes.shop())
        console.options = replace(console.options, **options)  # type: ignore[arg-type]
        async with console.run_test(size=size) as pilot:
            stage = Stage(console, pilot)
            await stage.press()
            await deed(stage)

    asyncio.run(run())


def test_no_cursor_blinks() -> None:
    """A timer would repaint it for ever."""

    async def deed(stage: Stage) -> None:
        for keys in (["ctrl+p"], ["escape", "plus"], ["escape", "colon"], ["escape", "question_mark"]):
            await stage.press(*keys)
            fields = list(stage.console.screen.query(Input))

            assert fields
            assert not any(field.cursor_blink for field in fields)

    play(deed)


def test_the_numbers_go_to_the_panes() -> None:
    async def deed(stage: Stage) -> None:
        visited = []
        for key in "2341":
            await stage.press(key)
            visited.append(stage.pane)

        assert visited == ["sockets", "values", "output", "processes"]

    play(deed)


def test_tab_goes_round_the_panes_and_back() -> None:
    async def deed(stage: Stage) -> None:
        visited = [stage.pane]
        for key in ("tab", "tab", "tab", "tab", "shift+tab"):
            await stage.press(key)
            visited.append(stage.pane)

        assert visited == ["processes", "sockets", "values", "output", "processes", "output"]

    play(deed)


def test_a_narrow_screen_has_one_list_and_numbers_change_it() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("2")
        shown = [
            kind for kind in ("processes", "sockets", "values", "output") if stage.main.query_one(f"#{kind}").display
        ]

        assert shown == ["sockets", "output"]

    play(deed, size=(80, 24))


def test_zoom_gives_a_pane_the_screen_and_escape_takes_it_back() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("4", "z")
        zoomed = [stage.main.query_one("#lists").display, stage.main.query_one("#output").size.width]
        await stage.press("escape")

        assert zoomed[0] is False
        assert zoomed[1] > 110
        assert stage.main.query_one("#lists").display

    play(deed)


def test_the_output_follows_the_selection() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "down")

        assert stage.main.output.names == ("web.1",)
        assert stage.link.followed == ["web.1"]

    play(deed)


def test_marked_processes_are_merged() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "down", "space", "space")

        assert stage.main.output.names == ("web.1", "web.2")

    play(deed)


def test_enter_opens_the_output_and_escape_leaves_it() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("enter")
        opened = stage.pane
        await stage.press("escape")

        assert (opened, stage.pane) == ("output", "processes")

    play(deed)


def test_a_pinned_output_stays_while_the_selection_moves() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "down", "P", "down")
        pinned = stage.main.query_one("#pinned", OutputPane)
        names = (pinned.display, pinned.names, stage.main.output.names, sorted(stage.link.followed))
        await stage.press("P")

        assert names == (True, ("web.1",), ("web.2",), ["web.1", "web.2"])
        assert not pinned.display

    play(deed)


def test_brackets_move_every_pane_through_time_and_back_to_now() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "down", "left_square_bracket")
        strip = stage.main.query_one(HeatStrip)
        instants = [strip.instant]
        await stage.press("left_square_bracket")
        instants.append(strip.instant)
        following = stage.main.output.lines.port.following
        await stage.press("escape")

        assert instants[1] < instants[0]  # type: ignore[operator]
        assert not following
        assert strip.instant is None
        assert stage.main.output.lines.port.following

    play(deed)


def test_removing_asks_and_says_what_follows() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "down", "x")
        question = stage.text
        await stage.press("r")

        assert "web.1 keeps running, pid 4211; its output is discarded" in question
        assert stage.link.sent == [["remove", "processes", "web.1"]]
        assert stage.told == ["removed web.1"]

    play(deed)


def test_escape_removes_nothing() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("x", "escape")

        assert stage.link.sent == []

    play(deed)


def test_acknowledging_what_is_foreign_asks_and_releases_what_was_seen() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "down", "a")
        question = stage.text
        await stage.press("a")

        assert "It was not made in this session" in question
        assert stage.link.sent == [["acknowledge", "processes", "web.1", "upto=480212"]]

    play(deed)


def test_acknowledging_ones_own_process_asks_nothing() -> None:
    async def deed(stage: Stage) -> None:
        stage.console.session.own.add("web.1")
        await stage.press("down", "down", "down", "down", "a")

        assert stage.link.sent == [["acknowledge", "processes", "web.1", "upto=480212"]]
        assert stage.told == ["acknowledged 340 of web.1"]

    play(deed)


def test_what_was_seen_of_a_process_before_says_nothing_of_another_under_its_name() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "down")
        snapshot = stage.link.snapshot
        another = {**snapshot.processes, "web.1": process(9999, 1, "/bin/true", buffered=600_000, position=600_000)}
        stage.link.snapshot = replace(snapshot, processes=another, revision=2)
        await stage.press("a")

        assert stage.link.sent == []
        assert "seen" in stage.told[0]

    play(deed)


def test_nothing_that_was_not_seen_is_acknowledged() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "a")  # quiet has written nothing

        assert stage.link.sent == []
        assert "seen" in stage.told[0]

    play(deed)


def test_the_command_bar_sends_full_words_and_shows_the_reply() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("colon", *"l s", "enter")
        opened = stage.main.query_one(CommandBar).is_open
        await stage.press("escape")

        assert stage.link.sent == [["list", "sockets"]]
        assert opened
        assert not stage.main.query_one(CommandBar).is_open

    play(deed)


def test_tail_in_the_command_bar_shows_the_processes() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("colon", *"tail p web.*", "enter")

        assert stage.main.output.names == ("web.1", "web.2")
        assert stage.link.sent == []

    play(deed)


def test_without_a_kernel_it_offers_to_start_one_and_quits_if_told_to() -> None:
    async def deed(stage: Stage) -> None:
        await scenes.until(stage.pilot, lambda: isinstance(stage.console.screen, Question))
        offered = stage.text
        await stage.press("escape", "q")

        assert offered.count("No kernel listens at /run/papa.sock") == 1
        assert stage.console.return_code == 0

    play(deed, scenes.absent())


def test_a_lost_kernel_is_told_and_everything_stays_readable() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "down", "x", "r")

        assert "lost the kernel" in stage.text
        assert "web.1" in stage.text
        assert stage.told == ["The connection to the kernel is closed"]

    play(deed, scenes.lost())


def test_read_only_takes_away_everything_that_changes_something() -> None:
    async def deed(stage: Stage) -> None:
        found = {binding.binding.id for key in "134" for binding in await _bindings_after(stage, key)}
        await stage.press("1", "x", "plus", "a")
        await stage.press("colon", *"set a b", "enter")

        assert found.isdisjoint({action.binding_id for action in ACTIONS if action.changes})
        assert stage.link.sent == []
        assert "READ ONLY" in stage.text
        assert "--read-only" in stage.text

    play(deed, read_only=True)


async def _bindings_after(stage: Stage, key: str) -> list[ActiveBinding]:
    await stage.press(key)
    return [binding for binding in stage.console.screen.active_bindings.values() if binding.enabled]


def test_the_screen_says_when_it_is_too_small_and_works_again_when_it_is_not() -> None:
    async def deed(stage: Stage) -> None:
        await stage.pilot.resize_terminal(58, 12)
        await stage.press()
        small = stage.text
        await stage.pilot.resize_terminal(80, 24)
        await stage.press()

        assert "too small: 58x12" in small
        assert "60x15 are needed" in small
        assert "web.1" in stage.text

    play(deed)


def test_keys_do_no_harm_while_the_screen_is_too_small() -> None:
    async def deed(stage: Stage) -> None:
        await stage.pilot.resize_terminal(58, 12)

        await stage.press("tab", "shift+tab", "1", "4", "z", "tab", "z", "i", "H", "left_square_bracket", "P", "escape")

        assert "too small: 58x12" in stage.text
        await stage.pilot.resize_terminal(80, 24)
        await stage.press("tab")
        assert "web.1" in stage.text

    play(deed)


def test_the_lines_on_the_wire_may_be_drawn_before_their_screen_is_there() -> None:
    async def deed(stage: Stage) -> None:
        stage.link.wire.tell("a remark", "requests", 0.0)

        stage.main.action_wire()
        stage.main._draw()

        await stage.press()
        assert "a remark" in stage.text

    play(deed)


def test_the_output_is_that_of_the_row_on_which_a_filter_leaves_the_cursor() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("f", *"ingest")
        typing = stage.main.output.names
        await stage.press("escape")
        back = stage.main.list_of("processes").selected

        assert typing == ("ingest",)
        assert stage.main.output.names == (back,)

    play(deed)


def test_what_papa_1_does_not_tell_is_not_shown_as_none() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("enter")

        assert "running" in stage.text
        assert "unacknowledged" not in stage.text
        assert "0/s" not in stage.text

    row: ProcessInfo = {"pid": 4250, "running": True, "started": NOW - 60, "args": "ingest"}
    play(deed, StillLink({"ingest": row}), (80, 24))


def test_messages_can_be_read_again() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("down", "down", "down", "a", "exclamation_mark")

        assert "Messages" in stage.text
        assert "seen" in stage.text

    play(deed)
