"""Acknowledging with keys: what was seen and nothing else, of one process or of many; what may go wrong meanwhile."""

import asyncio
from dataclasses import replace
from pathlib import Path

from papa_console.dashboard.files.drain import Drain
from papa_console.dashboard.releases import failed_text
from support import scenes
from support.stages import Stage, play
from support.still import StillLink, process


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


def many(count: int) -> StillLink:
    """Return a kernel that holds some processes of one namespace, each of which has written a line."""
    link = StillLink({f"web.{n:02}": process(100 + n, 60, "web", buffered=6, position=6) for n in range(count)})
    for name in link.snapshot.processes:
        link.write(name, (5.0, "out", "hello\n"))
    return link


def test_many_that_are_acknowledged_are_told_in_one_message() -> None:
    async def deed(stage: Stage) -> None:
        names = list(stage.link.snapshot.processes)
        await stage.press(*["space"] * len(names), "A", "a")

        assert [words[2] for words in stage.link.sent] == names
        assert stage.told == ["acknowledged 72 of 12 processes: web.00, web.01, web.02 …"]

    play(deed, many(12))


def test_of_a_namespace_nothing_is_acknowledged_but_what_was_seen() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("A", "a")

        assert [words[2] for words in stage.link.sent] == ["web.00"]

    play(deed, many(2))


def test_where_nothing_is_selected_there_is_nothing_to_acknowledge() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("a", "A")

        assert stage.told == ["No process is selected whose output could be acknowledged"] * 2

    play(deed, scenes.empty())


def test_a_process_that_was_made_anew_while_the_question_stood_loses_nothing() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("a")
        snapshot = stage.link.snapshot
        another = {"web.00": process(9999, 1, "web", buffered=6, position=6)}
        stage.link.snapshot = replace(snapshot, processes=another, revision=2)

        await stage.press("a")

        assert stage.link.sent == []
        assert stage.told == ["web.00 was not acknowledged: it is another process by now, or none"]

    play(deed, many(1))


def test_a_kernel_that_was_lost_while_the_question_stood_is_told() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("a")
        stage.link.snapshot = replace(stage.link.snapshot, kernel=scenes.lost().snapshot.kernel)

        await stage.press("a")

        assert stage.told == ["Nothing was acknowledged: Not connected to the kernel"]

    play(deed, many(1))


def test_a_kernel_that_does_not_answer_when_output_is_to_be_saved_is_told() -> None:
    async def deed(stage: Stage) -> None:
        await stage.press("a", "s")

        [told] = stage.told
        assert told.startswith("Nothing was saved, and so nothing acknowledged: No kernel listens at /run/papa.sock")

    play(deed, many(1))


def test_of_many_failures_the_first_is_told_and_how_many_more_there_are() -> None:
    assert failed_text(["a: why"]) == "a: why"
    assert failed_text(["a: why", "b: why"]) == "a: why (and 1 more was not acknowledged)"
    assert failed_text(["a: why", "b: why", "c: why"]) == "a: why (and 2 more were not acknowledged)"


def test_draining_may_be_stopped_twice_at_once(tmp_path: Path) -> None:
    async def deed(stage: Stage) -> None:
        for name in ("web.00", "web.01"):
            stage.main.draining[name] = drain = Drain(str(tmp_path / "none"), name)
            drain.start()

        await asyncio.gather(stage.main.stop_draining(), stage.main.stop_draining())

        assert stage.main.draining == {}
        assert sorted(stage.told) == [f"web.0{n}: draining stopped: 0 bytes saved" for n in (0, 1)]

    play(deed, many(2))
