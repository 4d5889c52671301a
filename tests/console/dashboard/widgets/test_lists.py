"""The lists in their panes: titles, filters, marks, trees, focus, hostile names."""

from functools import partial

import pytest
from rich.cells import cell_len

from papa_console.dashboard.widgets.input_bar import InputBar
from papa_console.dashboard.widgets.messages import MarksChanged, Selected
from support.held import NOW, ListsApp, on_lists, process, snapshot

WEB = snapshot({name: process() for name in ("web.1", "web.2", "web.10", "db", "job.a.1", "job.a.2", "job.b")})


def test_each_pane_says_what_it_lists_how_much_and_in_which_order() -> None:
    async def test(app: ListsApp) -> None:
        app.show(
            snapshot(
                {"a": process(), "b": process(running=False, status=3)},
                {"web": {"family": "inet", "type": "stream", "host": "127.0.0.1", "port": 80}},
                {f"v{number}": "" for number in range(1234)},
            )
        )

        await app.until(lambda: any("1,234 · name ▲" in row for row in app.rows))

        text = "\n".join(app.rows)
        for part in ("1 Processes", "2 · 1 ✗ · name ▲", "2 Sockets", "1 · name ▲", "3 Values"):
            assert part in text

    on_lists(test)


def test_an_empty_list_says_so() -> None:
    async def test(app: ListsApp) -> None:
        app.show(snapshot())

        await app.until(lambda: all(any(f"no {kind}" in row for row in app.rows) for kind in ("processes", "sockets")))

    on_lists(test)


@pytest.mark.parametrize("key", ["f", "/"])
def test_a_filter_is_typed_with_its_count_in_the_title_and_kept_by_enter(key: str) -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(WEB)

        await app.press("slash" if key == "/" else key)
        await app.until(lambda: isinstance(app.focused and app.focused.parent, InputBar))
        await app.press("W", "e", "b")
        await app.until(lambda: "1 Processes /Web 3/7" in app.rows[0])
        await app.press("enter")

        await app.until(lambda: shown.table.has_focus)
        assert app.names() == ["web.1", "web.2", "web.10"]
        assert not shown.query_one(InputBar).is_open

    on_lists(test, only="processes")


def test_escape_ends_a_filter_that_is_being_typed_and_the_cursor_goes_back() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(WEB)
        shown.select("web.2")

        await app.press("f")
        await app.until(lambda: app.focused is shown.query_one(InputBar).field)
        await app.press("d", "b")
        await app.has_told(Selected, name="db")
        await app.press("escape")

        await app.until(lambda: shown.table.has_focus and len(app.names()) == 7)
        assert shown.selected == "web.2"
        assert app.rows[0].startswith("┏━ 1 Processes ━")

    on_lists(test, only="processes")


def test_an_exclamation_mark_turns_a_filter_round_and_one_without_result_says_how_to_end() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(WEB)

        shown.table.set_filter("!web")
        assert app.names() == ["db", "job.a.1", "job.a.2", "job.b"]
        shown.table.set_filter("[red]nothing")

        await app.until(lambda: any("no name contains it" in row and "esc" in row for row in app.rows))
        await app.until(lambda: "/[red]nothing 0/7" in app.rows[0])
        assert shown.end_filter()
        assert len(app.names()) == 7
        assert not shown.end_filter()

    on_lists(test, only="processes")


def test_new_rows_are_filtered_too() -> None:
    async def test(app: ListsApp) -> None:
        app.show(WEB)
        app.list_of("processes").table.set_filter("web")

        app.show(snapshot({**WEB.processes, "web.3": process(), "cron": process()}))

        assert app.names() == ["web.1", "web.2", "web.3", "web.10"]
        await app.until(lambda: "/web 4/9" in app.rows[0])

    on_lists(test, only="processes")


def test_ten_thousand_values_are_filtered_while_typing() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("values")
        app.show(snapshot(values={f"v.{number:05}": str(number) for number in range(10_000)}))

        await app.press("f")
        await app.until(lambda: app.focused is shown.query_one(InputBar).field)
        await app.press(*"99")

        await app.until(lambda: "3 Values /99 280/10,000" in app.rows[0])
        assert app.names("values")[0] == "v.00099"

    on_lists(test, only="values")


def test_space_marks_and_goes_on_and_u_unmarks() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(WEB)

        await app.press("j", "space", "space")
        await app.has_told(MarksChanged, kind="processes", names=["job.a.1", "job.a.2"])
        assert (shown.marks, shown.selected) == (["job.a.1", "job.a.2"], "job.b")
        await app.until(lambda: any("◆ job.a.1" in row for row in app.rows) and "2 marked" in app.rows[-1])
        await app.press("u")

        await app.has_told(MarksChanged, names=[])
        assert shown.marks == []
        assert shown.chosen == ["job.b"]

    on_lists(test, only="processes")


def test_a_mark_goes_with_its_row_but_not_for_a_filter() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(WEB)
        shown.select("db")
        await app.press("space")
        await app.has_told(MarksChanged, names=["db"])

        shown.table.set_filter("web")
        assert shown.marks == ["db"]
        app.show(snapshot({"web.1": process()}))

        await app.has_told(MarksChanged, names=[])

    on_lists(test, only="processes")


def test_a_row_that_goes_gives_its_cursor_to_the_next() -> None:
    async def test(app: ListsApp) -> None:
        app.show(WEB)
        app.list_of("processes").select("web.1")
        await app.has_told(Selected, name="web.1")

        app.show(snapshot({name: info for name, info in WEB.processes.items() if name != "web.1"}))

        await app.has_told(Selected, kind="processes", name="web.2")

    on_lists(test, only="processes")


def test_rows_that_something_is_wired_to_are_lit_by_a_sign() -> None:
    async def test(app: ListsApp) -> None:
        app.show(WEB)

        app.list_of("processes").related = {"web.2", "gone"}

        await app.until(lambda: any("↔ web.2" in row for row in app.rows))
        app.list_of("processes").related = set()
        await app.until(lambda: not any("↔" in row for row in app.rows))

    on_lists(test, only="processes")


def test_the_focus_shows_in_the_border_and_at_the_cursor_without_colour() -> None:
    async def test(app: ListsApp) -> None:
        app.show(snapshot({"a": process()}, values={"v": "1"}))
        app.list_of("processes").focus()
        await app.until(lambda: "▌" in "".join(app.rows))
        text = "\n".join(app.rows)
        assert "┏━ 1 Processes" in text
        assert "╭─ 3 Values" in text

        app.list_of("values").focus()

        await app.until(lambda: any(row.startswith("┏━ 3 Values") for row in app.rows))
        text = "\n".join(app.rows)
        assert "╭─ 1 Processes" in text
        assert "│▏  a " in text
        assert "┃▌  v " in text

    on_lists(test)


HOSTILE = (
    "plain",
    "[bold red]markup[/]",
    "[@click=app.bell]click[/]",
    "\x1b[31mred\x1b[2J",
    "\x1b]0;title\x07",
    "line\nline\ttab\rreturn",
    "\u202eright to left",
    "日本語の名前",
    "👩\u200d👩\u200d👧",
    "❤\ufe0f flag 🇩🇪",
    "a\u0301\u0301\u0301",
    "x" * 500,
    "日" * 300,
    "trailing space ",
    "",
)


@pytest.mark.parametrize("size", [(60, 24), (80, 24), (200, 24)])
@pytest.mark.parametrize("kind", ["processes", "sockets", "values"])
def test_hostile_names_are_drawn_safely_and_leave_the_columns_in_line(kind: str, size: tuple[int, int]) -> None:
    held = snapshot(
        {name: process(args=name) for name in HOSTILE},
        {name: {"family": "inet", "host": name, "port": 1} for name in HOSTILE},
        dict(zip(HOSTILE, HOSTILE, strict=True)),
    )

    async def test(app: ListsApp) -> None:
        app.show(held)
        await app.until(lambda: any("plain" in row for row in app.rows))

        for strip in app.screen._compositor.render_strips():
            text = "".join(segment.text for segment in strip)
            assert cell_len(text) == sum(map(cell_len, text)) == size[0]
            assert text.isprintable()
        table = app.list_of(kind).table
        for y in range(1, len(HOSTILE) + 1):
            line = table.render_line(y).text
            for place in table.places[1:]:
                before = [index for index in range(len(line)) if cell_len(line[:index]) == 3 + place.start - 1]
                assert line[before[-1]] == " ", (line, place.column.id)

    on_lists(test, only=kind, size=size)


def test_a_hostile_filter_is_shown_as_it_is() -> None:
    async def test(app: ListsApp) -> None:
        app.show(WEB)

        app.list_of("processes").table.set_filter("[b]\x1b[2J")

        await app.until(lambda: "/[b]\\x1b[2J 0/7" in app.rows[0])

    on_lists(test, only="processes")


def test_what_must_be_measured_is_what_is_seen_and_what_the_order_needs() -> None:
    held = snapshot({f"p.{number}": process() for number in range(300)})

    async def test(app: ListsApp) -> None:
        shown = app.processes
        app.show(held)
        await app.until(lambda: shown.table.page == 12)

        assert shown.visible_rows == [f"p.{number}" for number in range(12)]
        await app.press("G")
        await app.until(lambda: shown.visible_rows == [f"p.{number}" for number in range(288, 300)])
        shown.table.sort_by("memory")
        assert len(shown.visible_rows) == 300
        shown.table.sort_by("name")
        await app.press("T")

        await app.until(lambda: len(shown.visible_rows) == 300)

    on_lists(test, only="processes", size=(80, 15))


def test_the_height_of_a_list_follows_its_rows_where_it_may() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("sockets")
        shown.styles.height = "auto"
        shown.styles.max_height = 10

        def has_height(height: int) -> bool:
            return shown.outer_size.height == height

        for count, height in ((0, 4), (3, 6), (50, 10), (1, 4)):
            app.show(snapshot(sockets={f"s{number}": {} for number in range(count)}))

            await app.until(partial(has_height, height))

        assert len(app.names("sockets")) == 1

    on_lists(test)


def test_a_list_that_is_hidden_is_up_to_date_once_it_shows() -> None:
    async def test(app: ListsApp) -> None:
        hidden = app.list_of("values")
        app.show(snapshot(values={"v": "first"}))

        hidden.display = True

        await app.until(lambda: any("first" in row for row in app.rows))

    on_lists(test, only="processes")


def test_ages_go_on_without_a_new_snapshot() -> None:
    async def test(app: ListsApp) -> None:
        held = snapshot({"a": process()})
        app.show(held, NOW)
        await app.until(lambda: any("1m00s" in row for row in app.rows))

        app.show(held, NOW + 5)

        await app.until(lambda: any("1m05s" in row for row in app.rows))

    on_lists(test, only="processes", size=(120, 10))
