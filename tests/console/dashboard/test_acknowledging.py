"""Acknowledging with keys: what was seen and nothing else, of one process or of many; what may go wrong meanwhile."""

from dataclasses import replace

from support.stages import Stage, play
from support.still import process


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
