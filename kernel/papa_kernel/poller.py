"""Waiting until one of many descriptors is ready: epoll(7), or what ``selectors`` has on systems without it."""

import sys

if sys.platform == "linux":
    from select import EPOLLHUP as HANG_UP
    from select import EPOLLIN as READ
    from select import EPOLLOUT as WRITE
    from select import epoll as Poller  # noqa: N812 - here it is a class like others
else:
    import selectors

    HANG_UP = READ = selectors.EVENT_READ
    WRITE = selectors.EVENT_WRITE

    class Poller:
        """A selector with the methods of ``select.epoll``."""

        def __init__(self) -> None:
            self._selector = selectors.DefaultSelector()
            self.unregister = self._selector.unregister
            self.close = self._selector.close

        def register(self, fd: int, mask: int) -> None:
            """Begin to wait for ``fd``."""
            self._selector.register(fd, mask)

        def modify(self, fd: int, mask: int) -> None:
            """Wait for something else."""
            self._selector.modify(fd, mask)

        def poll(self, timeout: float | None) -> list[tuple[int, int]]:
            """Return descriptors and what they are ready for."""
            return [(key.fd, mask) for key, mask in self._selector.select(timeout)]


__all__ = ["HANG_UP", "READ", "WRITE", "Poller"]
