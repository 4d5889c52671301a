"""Lines that have gone from the storage before the view was brought up to date: nothing fails over them."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from papa_console.dashboard.deeds.reading import named_lines
from papa_console.dashboard.output.lines import LineStore
from papa_console.dashboard.output.view import View
from papa_protocol.watch import Kind, Record

WIDE = "日本語" * 10 + "\n"
WIDTH, OTHER_WIDTH = 11, 8
COUNT, GONE = 600, 200


def behind(columns: int | None) -> View:
    """Return a view of lines the oldest of which have gone since its last update."""
    store = LineStore("p")
    for second in range(COUNT):
        store.add(Record(Kind.OUT, "p", float(second), WIDE.encode()))
    view = View([store])
    view.set_width(columns)
    while view.update(60.0):
        pass
    store.drop_upto(float(GONE - 1), 2**30)
    return view


USES: dict[str, Callable[[View], object]] = {
    "another width": lambda view: view.set_width(OTHER_WIDTH),
    "what is in a row": lambda view: view.locate(view.first_row + 5),
    "the row of a line": lambda view: view.row_of(view.first + 5),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_wrapped_lines_with_wide_characters_may_have_gone(use: Callable[[View], object]) -> None:
    view = behind(WIDTH)

    use(view)
    view.update(60.0)

    assert view.first == GONE
    assert view.locate(view.first_row) == (GONE, 0)
    assert view.next_row - view.row_of(GONE) == (COUNT - GONE) * -(-60 // (view.columns // 2 * 2))


def test_the_lines_that_are_saved_are_those_that_are_still_there() -> None:
    view = behind(None)

    lines = named_lines(SimpleNamespace(view=view))  # type: ignore[arg-type]

    assert len(lines) == COUNT - GONE
    assert lines[0][1].time == GONE
