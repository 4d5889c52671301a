"""The pacer: when a refresh is due, and what those who wait for one are told."""

import asyncio

import pytest

import papa
from papa_console.dashboard.held.pacer import Pacer


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def refreshed(took: float) -> tuple[Pacer, Clock]:
    """Return a pacer that has just finished a refresh that took so long."""
    clock = Clock()
    pacer = Pacer(clock)
    with pacer.refreshing():
        clock.now += took
    return pacer, clock


def test_the_first_is_due_at_once() -> None:
    assert Pacer().due == 0


@pytest.mark.parametrize(
    ("took", "period", "soon"), [(0.0, 1.0, 0.05), (0.01, 1.0, 0.05), (0.1, 2.0, 0.5), (3.0, 5.0, 5.0), (8.0, 8.0, 8.0)]
)
def test_what_takes_long_is_done_less_often(took: float, period: float, soon: float) -> None:
    pacer, clock = refreshed(took)
    quiet = pacer.due
    pacer.soon()
    after_events = pacer.due
    pacer.hurry()

    assert quiet == pytest.approx(period)
    assert after_events == pytest.approx(soon)
    assert pacer.due == 0
    clock.now += 9
    assert refreshed(took)[0].due > 0


def test_what_happens_during_a_refresh_makes_another_one_due() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    with pacer.refreshing():
        pacer.soon()
        clock.now += 0.1

    assert pacer.due == pytest.approx(0.5)


def test_a_wait_ends_when_somebody_hurries() -> None:
    async def main() -> None:
        pacer, _ = refreshed(0.0)  # its clock stands still: by itself it is never due
        waiting = asyncio.create_task(pacer.wait())
        await asyncio.sleep(0)

        pacer.hurry()

        await asyncio.wait_for(waiting, 10)

    asyncio.run(main())


def test_a_waiter_is_told_of_the_first_refresh_that_began_after_it_asked() -> None:
    async def main() -> None:
        pacer = Pacer()
        early = pacer.waiter()
        with pacer.refreshing():
            late = pacer.waiter()
        after_one = early.done(), late.done()
        with pacer.refreshing():
            pass

        assert after_one == (True, False)
        assert late.done()

    asyncio.run(main())


def test_a_waiter_goes_on_waiting_over_a_failure_until_it_is_told_of_one() -> None:
    async def main() -> None:
        pacer = Pacer()
        waiter, cancelled = pacer.waiter(), pacer.waiter()
        cancelled.cancel()
        with pytest.raises(ZeroDivisionError), pacer.refreshing():
            raise ZeroDivisionError
        waits = not waiter.done()

        pacer.fail(papa.Error("gone"))

        assert waits
        with pytest.raises(papa.Error, match="gone"):
            await waiter

    asyncio.run(main())


def test_a_longer_period_of_the_users_is_kept() -> None:
    pacer, _ = refreshed(0.01)

    pacer.period = 60.0

    assert pacer.due == pytest.approx(60.0)
