"""Lists as trees: names folded by their namespaces, with marks, filters and the cursor."""

from papa_console.dashboard.widgets.messages import MarksChanged
from support.held import ListsApp, on_lists, process, snapshot

WEB = snapshot({name: process() for name in ("web.1", "web.2", "web.10", "db", "job.a.1", "job.a.2", "job.b")})


def test_t_folds_names_into_a_tree_and_h_and_l_fold_and_unfold() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(WEB)
        shown.select("web.2")

        await app.press("T")
        await app.until(lambda: app.names() == ["db", "job.*", "web.*"])
        assert shown.selected == "web.*"
        await app.until(lambda: any("▸ web " in row and "● 3/3" in row for row in app.rows))
        await app.press("l")
        await app.until(lambda: app.names() == ["db", "job.*", "web.*", "web.1", "web.2", "web.10"])
        await app.press("l", "j", "h")
        await app.until(lambda: app.names() == ["db", "job.*", "web.*"])
        assert shown.selected == "web.*"
        await app.press("k", "right", "right", "l")
        await app.until(lambda: app.names() == ["db", "job.*", "job.a.*", "job.a.1", "job.a.2", "job.b", "web.*"])
        await app.press("T")

        await app.until(lambda: app.names() == ["db", "job.a.1", "job.a.2", "job.b", "web.1", "web.2", "web.10"])
        assert shown.selected == "job.a.1"

    on_lists(test, only="processes")


def test_a_marked_namespace_is_its_pattern_and_stands_for_its_members() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(WEB)
        await app.press("T")
        await app.until(lambda: "web.*" in app.names())
        shown.select("web.*")

        await app.press("space")
        await app.has_told(MarksChanged, names=["web.*"])
        assert shown.chosen == ["web.1", "web.2", "web.10"]
        shown.table.set_filter("db")
        assert shown.chosen == ["web.1", "web.2", "web.10"]
        shown.table.set_filter("")
        await app.press("T")

        await app.until(lambda: shown.marks == ["web.1", "web.2", "web.10"])

    on_lists(test, only="processes")


def test_a_filter_unfolds_the_tree_and_its_end_folds_it_again() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(WEB)
        await app.press("T")
        await app.until(lambda: "web.*" in app.names())

        shown.table.set_filter("web.1")
        assert app.names() == ["web.*", "web.1", "web.10"]
        await app.until(lambda: "/web.1 2/7" in app.rows[0])
        await app.press("h")
        await app.until(lambda: app.names() == ["web.*"])
        shown.end_filter()

        assert app.names() == ["db", "job.*", "web.*"]

    on_lists(test, only="processes")


def test_selecting_a_folded_process_unfolds_what_it_is_in() -> None:
    async def test(app: ListsApp) -> None:
        shown = app.list_of("processes")
        app.show(WEB)
        await app.press("T")
        await app.until(lambda: "web.*" in app.names())

        assert shown.select("job.a.2")

        assert shown.selected == "job.a.2"
        assert not shown.select("gone")

    on_lists(test, only="processes")


def test_a_tree_sorts_namespaces_by_their_totals() -> None:
    async def test(app: ListsApp) -> None:
        app.show(
            snapshot(
                {
                    "a.1": process(dropped=5),
                    "a.2": process(dropped=6),
                    "b": process(dropped=10),
                    "c.1": process(dropped=1),
                    "c.2": process(dropped=2),
                }
            )
        )
        await app.press("T")
        await app.until(lambda: "a.*" in app.names())

        app.list_of("processes").table.sort_by("dropped")

        assert app.names() == ["a.*", "b", "c.*"]

    on_lists(test, only="processes")
