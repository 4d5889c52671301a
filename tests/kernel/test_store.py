"""How long a kernel waits for whoever keeps its descriptors, and serves nobody meanwhile."""

from collections.abc import Sequence

from papa_kernel.store import Store


class Keeper:
    """Whoever keeps descriptors, as far as a store sees it."""

    def __init__(self) -> None:
        self.reads = True
        self.attempts: list[int] = []

    def take(self, _text: str, _fds: Sequence[int], attempts: int) -> bool:
        self.attempts.append(attempts)
        return self.reads


def test_who_does_not_read_is_waited_for_once_and_again_when_something_has_been_read() -> None:
    keeper = Keeper()
    store = Store(keeper.take, guarded=True, most=0)

    for reads in (True, False, False, False, True, True):
        keeper.reads = reads
        store.drop(7)

    most = keeper.attempts[0]
    assert keeper.attempts == [most, most, 1, 1, 1, most]
    assert most > 1
