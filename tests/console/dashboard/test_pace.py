"""The screen is drawn as often as the terminal takes it."""

from papa_console.dashboard.pace import FASTEST, SLOWEST, Pace


def test_a_terminal_that_keeps_up_gets_twenty_frames_a_second() -> None:
    pace = Pace()

    drawn = [pace.may_draw(0) for _ in range(100)]

    assert all(drawn)
    assert (pace.period, pace.frames, pace.slow) == (FASTEST, 20, False)


def test_nothing_is_drawn_while_frames_wait_and_the_period_doubles_up_to_a_second() -> None:
    pace = Pace()

    periods = [(pace.may_draw(3), pace.period) for _ in range(6)]

    assert periods == [(False, 0.1), (False, 0.2), (False, 0.4), (False, 0.8), (False, SLOWEST), (False, SLOWEST)]
    assert pace.slow
    assert pace.frames == 1


def test_the_period_halves_after_ten_calm_turns() -> None:
    pace = Pace()
    for _ in range(2):
        pace.may_draw(9)

    periods = [(pace.may_draw(0), pace.period)[1] for _ in range(21)]

    assert periods == [0.2] * 9 + [0.1] * 10 + [FASTEST] * 2


def test_a_few_frames_on_their_way_neither_slow_down_nor_speed_up() -> None:
    pace = Pace()
    pace.may_draw(3)

    drawn = [pace.may_draw(2) for _ in range(30)]

    assert all(drawn)
    assert pace.period == 0.1


def test_what_takes_a_large_part_of_the_time_is_drawn_every_other_turn() -> None:
    pace = Pace()

    rested = [pace.rests(0.03) for _ in range(6)]
    calm = [pace.rests(0.001) for _ in range(3)]

    assert rested == [True, False] * 3
    assert calm == [False] * 3
