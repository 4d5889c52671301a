"""The shortest conversation that touches everything."""

from support.wire import Wire


def test_a_process_is_made_watched_and_leaves_the_list(wire: Wire) -> None:
    wire.command("make process z /bin/sh -c echo\\ hi;exit\\ 3")

    wire.send("watch processes z\n")
    assert wire.read_until(b"\n") == b"Watching 1\n"
    headers: list[str] = []
    while not any(header.startswith("closed:z:") for header in headers):
        records = wire.batch()
        headers += [header for header, _ in records]
        wire.send("\n")

    assert headers[-1].endswith(":3")
    assert wire.read_until(b"> ") == b"Nothing left to watch\n> "
    assert wire.command("list processes") == ""
