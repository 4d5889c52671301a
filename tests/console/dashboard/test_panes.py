"""The panes: going from one to another, what the output shows of the lists, and what there is room for."""

from papa_console.dashboard.widgets.heat import HeatStrip
from papa_console.dashboard.widgets.output_pane import OutputPane
from support.stages import Stage, play


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


def test_the_output_is_that_of_the_row_on_which_a_filter_leaves_the_cursor() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("f", *"ingest")
        typing = stage.main.output.names
        await stage.press("escape")
        back = stage.main.list_of("processes").selected

        assert typing == ("ingest",)
        assert stage.main.output.names == (back,)

    play(deed)
