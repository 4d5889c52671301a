"""A table of thousands of rows under keys and mouse."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from textual import events
from textual.geometry import Region

from papa_console.dashboard.actions import Where, actions_of
from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.widgets.columns import Cell
from papa_console.dashboard.widgets.lists import HeldList
from papa_console.dashboard.widgets.messages import MarksChanged, Opened, Selected
from papa_console.dashboard.widgets.table import VirtualTable
from support.held import ListsApp, on_lists, process, snapshot

MANY = 10_000


def many(count: int = MANY) -> Snapshot:
    return snapshot(values={f"v.{number}": str(number) for number in range(count)})


def few(*names: str) -> Snapshot:
    return snapshot({name: process(pid=number) for number, name in enumerate(names, 100)})


def click(app: ListsApp, shown: HeldList, x: int, y: int, chain: int = 1, **held: bool) -> None:
    """Click in a table, as the driver and the screen do it together."""
    region = shown.table.content_region
    keys = {"shift": False, "meta": False, "ctrl": False, **held}
    for kind in (events.MouseDown, events.MouseUp):
        app.screen._forward_event(
            kind(None, region.x + x, region.y + y, 0, 0, 1, keys["shift"], keys["meta"], keys["ctrl"])
        )
    app.screen._forward_event(
        events.Click(
            shown.table, region.x + x, region.y + y, 0, 0, 1, keys["shift"], keys["meta"], keys["ctrl"], chain=chain
        )
    )


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["j"], "v.1"),
        (["down", "down", "k"], "v.1"),
        (["up"], "v.0"),
        (["G"], "v.9999"),
        (["end", "up"], "v.9998"),
        (["end", "g"], "v.0"),
        (["end", "home", "j"], "v.1"),
        (["pagedown"], "v.20"),
        (["ctrl+d", "ctrl+d", "ctrl+u"], "v.20"),
        (["pageup"], "v.0"),
    ],
)
def test_keys_move_the_cursor_through_ten_thousand_rows(keys: list[str], cursor: str) -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("values")
        app.show(many())
        await app.until(lambda: shown.table.page == 20)

        await app.press(*keys)

        await app.has_told(Selected, kind="values", name=cursor)
        assert shown.selected == cursor
        await app.until(lambda: any(row[1:].lstrip("▌ ").startswith(f"{cursor} ") for row in app.rows))

    on_lists(test, only="values", size=(60, 23))


def test_a_cursor_that_leaves_the_screen_takes_it_along_and_no_further() -> None:
    async def test(app: ListsApp) -> None:
        table = app.list_of("values").table
        app.show(many())
        await app.until(lambda: table.page == 8)

        await app.press(*["j"] * 8)
        await app.until(lambda: table.scroll_offset.y == 1)
        await app.press("k", "k")

        await app.until(lambda: table.rows.cursor == "v.6")
        assert table.scroll_offset.y == 1

    on_lists(test, only="values", size=(60, 11))


def test_only_visible_rows_are_asked_for() -> None:
    async def test(app: ListsApp) -> None:
        table = app.list_of("values").table
        asked: list[str] = []
        name = table.model.columns[0].draw

        def noted(facts: object, key: str, width: int) -> Cell:
            asked.append(key)
            return name(facts, key, width)

        table.model.columns = (replace(table.model.columns[0], draw=noted), *table.model.columns[1:])
        table.model.by = table.model.columns[0]
        app.show(many())
        await app.until(lambda: any("v.5" in row for row in app.rows))

        assert set(asked) <= {f"v.{number}" for number in range(table.page + 1)}

    on_lists(test, only="values", size=(60, 11))


def refreshed(table: VirtualTable[object]) -> list[Region]:
    """Return a list in which the regions appear that a table wants to be drawn again."""
    found: list[Region] = []
    refresh = table.refresh

    def noted(*regions: Region, **options: bool) -> object:
        found.extend(regions)
        return refresh(*regions, **options)

    table.refresh = noted  # type: ignore[method-assign,assignment]
    return found


def test_a_refresh_draws_only_the_lines_that_show_something_else() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("values")
        values = {f"v.{number}": str(number) for number in range(50)}
        app.show(snapshot(values=values))
        await app.until(lambda: any("v.5" in row for row in app.rows))
        drawn = refreshed(shown.table)

        app.show(snapshot(values=dict(values)))
        assert drawn == []

        app.show(snapshot(values={**values, "v.2": "changed", "v.40": "out of sight"}))
        assert [region.y for region in drawn] == [3]
        await app.until(lambda: any("changed" in row for row in app.rows))

    on_lists(test, only="values", size=(60, 15))


def test_the_wheel_scrolls_and_a_refresh_leaves_the_place_alone() -> None:
    async def test(app: ListsApp) -> None:
        table = app.list_of("values").table
        app.show(many())
        await app.until(lambda: table.max_scroll_y > 0)

        for _ in range(3):
            await app.pilot._post_mouse_events([events.MouseScrollDown], table, button=0)
        await app.until(lambda: table.scroll_offset.y >= 3)
        top = table.scroll_offset.y
        app.show(many(MANY + 1))

        await app.until(lambda: len(table.rows) == MANY + 1)
        assert (table.scroll_offset.y, table.rows.cursor) == (top, "v.0")

    on_lists(test, only="values", size=(60, 15))


def test_a_click_selects_and_a_double_click_opens() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(few("a", "b", "c"))
        await app.until(lambda: any("c " in row for row in app.rows))

        click(app, shown, 6, 2)
        await app.has_told(Selected, kind="processes", name="b")
        assert not any(isinstance(told, Opened) for told in app.told)
        click(app, shown, 6, 3, chain=2)

        await app.has_told(Opened, kind="processes", name="c")
        assert shown.selected == "c"

    on_lists(test, only="processes")


def test_a_click_below_the_rows_does_nothing() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(few("a", "b"))
        await app.has_told(Selected, name="a")

        click(app, shown, 6, 2)
        await app.has_told(Selected, name="b")
        click(app, shown, 6, 9)
        click(app, shown, 6, 1)

        def selected() -> list[str | None]:
            return [told.name for told in app.told if isinstance(told, Selected) and told.kind == "processes"]

        await app.until(lambda: selected() == ["a", "b", "a"])

    on_lists(test, only="processes")


def test_ctrl_and_a_click_mark() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(few("a", "b"))
        await app.has_told(Selected, name="a")

        click(app, shown, 6, 2, ctrl=True)

        await app.has_told(MarksChanged, kind="processes", names=["b"])
        await app.until(lambda: any("▌◆ b" in row for row in app.rows))

    on_lists(test, only="processes")


def test_a_click_on_a_title_sorts_and_another_turns_it_round() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(few("a", "b", "c"))
        await app.until(lambda: "PID" in app.rows[1])
        x = app.rows[1].index("PID") - 1

        click(app, shown, x, 0)
        await app.until(lambda: "PID▲" in app.rows[1])
        assert app.names() == ["a", "b", "c"]
        click(app, shown, x, 0)

        await app.until(lambda: "PID▼" in app.rows[1])
        assert app.names() == ["c", "b", "a"]

    on_lists(test, only="processes")


def test_the_row_under_the_mouse_is_lit_a_little() -> None:
    async def test(app: ListsApp) -> None:
        table = app.list_of("processes").table
        app.show(few("a", "b", "c"))
        await app.has_told(Selected, name="a")

        def moved_and_lit() -> bool:
            region = table.content_region
            at = events.MouseMove(table, region.x + 5, region.y + 3, 0, 0, 0, False, False, False)
            app.screen._forward_event(at)
            return table._drawn.get(3) is not None and table._drawn[3].row == "hover"

        await app.until(moved_and_lit)
        table.on_leave()
        assert table._drawn[3].row == "plain"

    on_lists(test, only="processes")


def test_s_sorts_by_the_next_column_and_comes_round() -> None:
    async def test(app: ListsApp) -> None:
        table = app.list_of("processes").table
        app.show(few("a", "b"))
        found = [table.sorted_by]

        def moved_on(before: str) -> bool:
            return table.sorted_by != before

        for _ in range(10):
            before = table.sorted_by
            await app.press("s")
            await app.until(partial(moved_on, before))
            found.append(table.sorted_by)

        assert found == [*(column.id for column in table.model.columns if column.order), "name"]

    on_lists(test, only="processes")


def test_rows_that_change_places_keep_cursor_and_marks() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(snapshot({"a": process(dropped=1), "b": process(dropped=2), "c": process(dropped=3)}))
        shown.table.sort_by("dropped")
        shown.select("c")
        await app.press("space")
        await app.has_told(MarksChanged, names=["c"])
        assert app.names() == ["c", "b", "a"]

        app.show(snapshot({"a": process(dropped=9), "b": process(dropped=2), "c": process(dropped=1)}))

        assert app.names() == ["a", "b", "c"]
        assert (shown.selected, shown.marks) == ("b", ["c"])

    on_lists(test, only="processes")


def test_sorting_the_other_way_round_keeps_what_is_not_known_last() -> None:
    async def test(app: ListsApp) -> None:
        app.show(snapshot({"a": process(dropped=1), "old": {"pid": 1, "running": True}, "b": process(dropped=2)}))
        app.list_of("processes").table.sort_by("dropped")
        assert app.names() == ["b", "a", "old"]

        await app.press("S")

        await app.until(lambda: app.names() == ["a", "b", "old"])

    on_lists(test, only="processes")


@pytest.mark.parametrize("action", [action for action in actions_of(Where.LISTS) if not action.target])
@pytest.mark.parametrize("kind", ["processes", "sockets", "values"])
def test_each_action_can_be_done_with_nothing_to_show(kind: str, action: object) -> None:
    async def test(app: ListsApp) -> None:
        app.show(snapshot())

        await app.run_action(action.id, app.list_of(kind).table)  # type: ignore[attr-defined]

        await asyncio.sleep(0)
        assert app.is_running
        assert app.list_of(kind).selected is None

    on_lists(test, only=kind)


def test_keys_of_the_table_of_actions_are_all_bound() -> None:
    async def test(app: ListsApp) -> None:
        for kind, places in (("processes", (Where.LISTS, Where.PROCESSES)), ("sockets", (Where.LISTS,))):
            table = app.list_of(kind).table
            bound = {key for key, _ in table._bindings}

            assert bound == {key for action in actions_of(*places) for key in action.keys.split(",")}
            for action in actions_of(*places):
                if not action.target:
                    assert callable(getattr(table, f"action_{action.id}"))

    on_lists(test)
