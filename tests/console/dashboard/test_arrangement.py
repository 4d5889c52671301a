"""Which regions a screen of some size shows."""

import pytest

from papa_console.dashboard.arrangement import Size, Wishes, arrange, panes, size_of

ALL_LISTS = {"processes", "sockets", "values"}


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (59, 40, Size.TINY),
        (200, 14, Size.TINY),
        (60, 15, Size.NARROW),
        (80, 24, Size.NARROW),
        (99, 60, Size.NARROW),
        (100, 24, Size.MID),
        (120, 40, Size.MID),
        (160, 15, Size.WIDE),
        (200, 60, Size.WIDE),
    ],
)
def test_the_size_of_a_terminal_decides(width: int, height: int, size: Size) -> None:
    assert size_of(width, height) is size


@pytest.mark.parametrize(
    ("width", "height", "wishes", "shown"),
    [
        (58, 12, Wishes(), {"small"}),
        (80, 24, Wishes(), {"body", "lists", "right", "processes", "output"}),
        (80, 24, Wishes(current="values"), {"body", "lists", "right", "values", "output"}),
        (80, 24, Wishes(heat=True), {"body", "lists", "right", "processes", "output", "heat"}),
        (120, 40, Wishes(), {"body", "lists", "right", "divider", *ALL_LISTS, "output", "heat"}),
        (120, 24, Wishes(), {"body", "lists", "right", "divider", *ALL_LISTS, "output"}),
        (120, 40, Wishes(heat=False, pinned=True),
         {"body", "lists", "right", "divider", *ALL_LISTS, "output", "pinned"}),
        (120, 24, Wishes(inspect=True), {"body", "lists", "right", "divider", *ALL_LISTS, "output", "inspector"}),
        (200, 60, Wishes(), {"body", "lists", "right", "divider", *ALL_LISTS, "output", "inspector", "heat"}),
        (200, 60, Wishes(inspect=False), {"body", "lists", "right", "divider", *ALL_LISTS, "output", "heat"}),
        (200, 60, Wishes(zoomed="output"), {"body", "right", "output", "heat"}),
        (80, 24, Wishes(zoomed="sockets"), {"body", "lists", "sockets"}),
    ],
)  # fmt: skip
def test_what_there_is_room_for_is_shown(width: int, height: int, wishes: Wishes, shown: set[str]) -> None:
    assert arrange(width, height, wishes) == shown


def test_tab_visits_the_panes_that_are_shown_in_their_order() -> None:
    assert panes(80, 24, Wishes(current="values")) == ["values", "output"]
    assert panes(200, 60, Wishes(pinned=True)) == ["processes", "sockets", "values", "output", "pinned", "inspector"]
    assert panes(50, 10, Wishes()) == []
