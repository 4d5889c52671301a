"""Whether a watcher keeps up."""

from papa_kernel.pace import PATIENCE, Pace

IN_TIME = PATIENCE / 2
LATE = PATIENCE * 2


def test_a_watcher_that_has_nothing_to_acknowledge_keeps_up() -> None:
    assert Pace().keeps_up(1e9)


def test_a_watcher_keeps_up_until_it_has_had_a_batch_for_too_long() -> None:
    pace = Pace()

    pace.sent(100)

    assert pace.keeps_up(100 + IN_TIME)
    assert not pace.keeps_up(100 + PATIENCE)
    assert pace.expect(100 + IN_TIME) == 100 + PATIENCE


def test_a_watcher_that_acknowledges_in_time_keeps_up_however_slowly_output_comes() -> None:
    pace = Pace()
    for moment in (100, 200, 300):
        pace.sent(moment)
        pace.acknowledged(moment + IN_TIME)

    assert pace.keeps_up(1e9)


def test_a_late_watcher_is_waited_for_again_after_it_was_in_time_once() -> None:
    pace = Pace()
    pace.sent(100)
    pace.acknowledged(100 + LATE)
    assert not pace.keeps_up(100 + LATE)

    pace.sent(200)
    assert not pace.keeps_up(200)
    pace.acknowledged(200 + IN_TIME)

    assert pace.keeps_up(200 + IN_TIME)


def test_a_watcher_that_cannot_be_sent_a_batch_is_not_waited_for_without_end() -> None:
    pace = Pace()

    assert pace.expect(100) == 100 + PATIENCE
    assert pace.expect(100 + IN_TIME) == 100 + PATIENCE

    assert not pace.keeps_up(100 + PATIENCE)


def test_what_another_kernel_saved_does_not_count_the_time_between() -> None:
    pace, later = Pace(), Pace()
    pace.sent(100)

    later.restore(pace.saved(100 + PATIENCE / 2), 200)

    assert later.keeps_up(200 + PATIENCE * 0.9)
    assert not later.keeps_up(200 + PATIENCE)


def test_who_was_late_before_is_late_afterwards() -> None:
    pace, later = Pace(), Pace()
    pace.sent(100)

    later.restore(pace.saved(100 + PATIENCE), 200)

    assert not later.keeps_up(200)
    later.acknowledged(200)
    assert not later.keeps_up(200)
