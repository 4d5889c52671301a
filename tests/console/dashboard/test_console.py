"""The console as a whole: what its keys do, on a kernel that stands still."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.binding import ActiveBinding
from textual.widgets import Input

from papa_console.dashboard.actions import ACTIONS
from papa_console.dashboard.screens.question import Question
from papa_console.dashboard.widgets.command_bar import CommandBar
from papa_console.text import clock
from papa_protocol.model import ProcessInfo
from support import scenes
from support.stages import Stage, play
from support.still import NOW, StillLink


def test_no_cursor_blinks() -> None:
    """A timer would repaint it for ever."""

    async def deed(stage: Stage) -> None:
        for keys in (["ctrl+p"], ["escape", "plus"], ["escape", "colon"], ["escape", "question_mark"]):
            await stage.press(*keys)
            fields = list(stage.console.screen.query(Input))

            assert fields
            assert not any(field.cursor_blink for field in fields)

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


def test_the_lines_on_the_wire_may_be_drawn_before_their_screen_is_there() -> None:
    async def deed(stage: Stage) -> None:
        stage.link.wire.tell("a remark", "requests", 0.0)

        stage.main.action_wire()
        stage.main._draw()

        await stage.press()
        assert "a remark" in stage.text

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


def never_met() -> StillLink:
    """Return an endpoint at which no kernel has ever been met."""
    link = scenes.absent()
    link.snapshot = replace(link.snapshot, taken=0.0)
    return link


@pytest.mark.parametrize(
    ("link", "keys", "told"),
    [
        (scenes.empty, ["4", "s"], "There are no lines: no process is selected"),
        (scenes.empty, ["4", "D"], "No process is shown that could be drained: select one first"),
        (scenes.empty, ["P"], "No output is shown that could be pinned: select a process first"),
        (scenes.empty, ["B"], "No process is shown that a bundle could be about: select one first"),
        (scenes.shop, ["down", "down", "down", "4", "s"], "There are no lines: quiet has written nothing"),
        (
            scenes.shop,
            ["4", "f", *"nowhere", "enter", "s"],
            'There are no lines: the filter "nowhere" lets none through; escape ends it',
        ),
        (
            scenes.shop,
            ["colon", *"tail p web.9", "enter"],
            "There is no process web.9: the list of processes shows all names",
        ),
        (
            scenes.shop,
            ["colon", *"tail p shop.*", "enter"],
            "There is no process whose name matches shop.*: the list of processes shows all names",
        ),
        (never_met, ["escape", "X"], "Not connected to the kernel: there is nothing to export"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(link: Callable[[], StillLink], keys: list[str], told: str) -> None:
    async def deed(stage: Stage) -> None:
        await stage.press(*keys)

        assert stage.told == [told]

    play(deed, link())


def test_an_export_of_a_kernel_that_is_lost_says_when_that_was_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("X")
        await scenes.until(stage.pilot, lambda: len(stage.told) > 1)

        assert stage.told[0] == "Not connected to the kernel"
        assert stage.told[1].startswith(f"wrote what papa held at {clock(NOW)} to {tmp_path}")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    play(deed, scenes.lost())
