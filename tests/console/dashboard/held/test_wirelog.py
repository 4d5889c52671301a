"""The log of the wire: bounded, safe to show, long things cut."""

from papa_console.dashboard.held.wirelog import RECEIVED, SENT, TOLD, WireLine, WireLog


def test_lines_are_numbered_and_the_oldest_go() -> None:
    log = WireLog(limit=3)
    for number in range(5):
        log.sent(b"get %d\n" % number, "kernel", float(number))

    assert (log.first, log.next) == (2, 5)
    assert [line.text for line in log.since()] == ["get 2", "get 3", "get 4"]
    assert [line.text for line in log.since(4)] == ["get 4"]
    assert list(log.since(5)) == []


def test_a_reply_of_many_lines_is_summed_up() -> None:
    log = WireLog()

    log.received("a\nb\nc\nd", "kernel", 1.0, 2)
    log.received("a\nb\nc", "kernel", 2.0, 2)
    log.received("a\nb", "kernel", 3.0, 2)

    told = [(line.direction, line.text) for line in log.since()]
    assert told == [
        (RECEIVED, "a"), (RECEIVED, "b"), (TOLD, "2 more lines"),
        (RECEIVED, "a"), (RECEIVED, "b"), (TOLD, "1 more line"),
        (RECEIVED, "a"), (RECEIVED, "b"),
    ]  # fmt: skip


def test_nothing_in_it_acts_on_a_terminal() -> None:
    log = WireLog()

    log.sent(b"set a \x1b[2J\xff\xc3\xa9\r\n", "kernel", 1.0)
    log.received("\x1b]0;title\x07\u202e\ttab", "tail", 2.0)
    log.tell("line\nbreak", "tail", 3.0)

    assert list(log.since()) == [
        WireLine(1.0, SENT, "set a \\x1b[2J\\xffé\\r", "kernel"),
        WireLine(2.0, RECEIVED, "\\x1b]0;title\\x07\\xe2\\x80\\xae\\ttab", "tail"),
        WireLine(3.0, TOLD, "line\\nbreak", "tail"),
    ]


def test_a_long_line_is_cut() -> None:
    log = WireLog()

    log.sent(b"set a " + b"x" * 10_000_000 + b"\n", "kernel", 1.0)
    log.received("y" * 10_000_000, "kernel", 1.0)

    assert [len(line.text) for line in log.since()] == [1001, 1001]
    assert all(line.text.endswith("…") for line in log.since())
