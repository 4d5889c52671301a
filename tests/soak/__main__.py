"""``python -m soak [ACTOR…]``: drive a kernel in every way at once, and print figures; fail if anything differs."""

import argparse
import os
import sys
import time
from collections.abc import Sequence

from papa.client import Papa
from soak import report, rounds, vitals
from soak.accounts import DiffersError, expect
from soak.cast import KINDS
from soak.rounds import FailedError, Figures
from support.kernels import KernelProcess

_ROUNDS = 5
_DEFAULT_SECONDS = 600.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("actors", nargs="*", metavar="ACTOR", help=f"only these: {', '.join(KINDS)}")
    parser.add_argument("--seconds", type=float, default=_DEFAULT_SECONDS, metavar="N", help="how long (default: 600)")
    parser.add_argument("--seed", default=str(time.time_ns()), help="what all decisions come from (default: the time)")
    options = parser.parse_args()
    if unknown := set(options.actors) - set(KINDS):
        parser.error(f"there is no actor {unknown.pop()}: choose from {', '.join(KINDS)}")
    return options


def _exit_in_order(kernel: KernelProcess) -> None:
    """Let the kernel end as one that holds nothing does."""
    with Papa(kernel.path, start=False) as papa:
        expect(papa.exit_if_idle(), True, "whether the kernel ends when asked to if it is idle")
    expect(kernel.wait(60), 0, "the kernel's exit status")


def _soak(kernel: KernelProcess, options: argparse.Namespace) -> None:
    fresh = vitals.settled(kernel)
    done: list[Figures] = []
    try:
        for number in range(1, _ROUNDS + 1):
            seed = f"{options.seed}/{number}"
            done.append(rounds.run(kernel, fresh, options.actors, seed, options.seconds / _ROUNDS))
    finally:
        _print_figures(fresh, done)
    vitals.check_memory(done[0].after, done[-1].after)
    _exit_in_order(kernel)


def _print_figures(fresh: vitals.Vitals, done: Sequence[Figures]) -> None:
    print(report.by_actor(done), report.over_time(fresh, done), sep="\n\n", flush=True)


def main() -> None:
    """Soak; exit with 1 and say why if something was not as it had to be."""
    options = _arguments()
    print(f"Soaking for {options.seconds:g} s in {_ROUNDS} rounds, with --seed {options.seed}", flush=True)
    kernel = KernelProcess()
    try:
        _soak(kernel, options)
    except (FailedError, DiffersError, AssertionError) as error:
        print(f"\nThe soak with --seed {options.seed} has failed.\n{error}", file=sys.stderr, flush=True)
        kernel.stop()
        os._exit(1)  # threads may hang
    finally:
        kernel.stop()
    print("\nNothing differed, and nothing was left behind.")


if __name__ == "__main__":
    main()
